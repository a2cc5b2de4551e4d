// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the reference syntax of configuration files
import { expect, test } from 'vitest'
import { substitute } from './substitute.ts'

const values: Readonly<Record<string, string>> = { data_dir: '/srv', 'database.name': 'g', empty: '' }
const lookup = (name: string): string | undefined => values[name]

test('replaces names, bare and in braces, in this and in another section', () => {
  expect(substitute('$data_dir/x${data_dir}y ${database.name} $database.name.', lookup)).toEqual({
    text: '/srv/x/srvy g g.',
  })
  expect(substitute('[$empty]', lookup)).toEqual({ text: '[]' })
})

test('a dollar sign escaped, or before no name, stands for itself', () => {
  expect(substitute('a$$data_dir \\$data_dir $1 $', lookup)).toEqual({ text: 'a$data_dir $data_dir $1 $' })
})

test('percent signs are no references', () => {
  expect(substitute('%(data_dir)s', lookup)).toEqual({ text: '%(data_dir)s' })
})

test('names the first reference that leads nowhere', () => {
  expect(substitute('$data_dir $nope ${nor.this}', lookup)).toEqual({ missing: 'nope' })
})
