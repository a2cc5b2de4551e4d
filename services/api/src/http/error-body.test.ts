import { expect, test } from 'vitest'
import { errorBody, reasonOf } from './error-body.ts'

test('HTML names the status twice and then explains', () => {
  const { contentType, text } = errorBody(404, 'No image found with ID x', 'html')
  expect(contentType).toBe('text/html; charset=UTF-8')
  expect(text.match(/404 Not Found/g)).toHaveLength(2)
  expect(text).toContain('<h1>404 Not Found</h1>\n  No image found with ID x<br /><br />')
})

test('what a request contained is never markup in an HTML answer', () => {
  const { text } = errorBody(400, `<script>alert("1" & '2')</script>`, 'html')
  expect(text).toContain('&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;')
})

test('JSON is flat, and its code is a string', () => {
  const { contentType, text } = errorBody(409, 'taken "twice"', 'json')
  expect(contentType).toBe('application/json')
  expect(JSON.parse(text)).toEqual({
    message: 'taken "twice"<br /><br />\n\n\n',
    code: '409 Conflict',
    title: 'Conflict',
  })
})

test('plain text is status, blank line, explanation', () => {
  expect(errorBody(403, 'no', 'plain')).toEqual({
    contentType: 'text/plain; charset=UTF-8',
    text: '403 Forbidden\n\nno\n\n',
  })
})

test.each([
  [413, 'Request Entity Too Large'],
  [416, 'Requested Range Not Satisfiable'],
  [431, 'Request Header Fields Too Large'],
  [503, 'Service Unavailable'],
  [599, 'Unknown'],
])('status %i is called %s', (status, reason) => {
  expect(reasonOf(status)).toBe(reason)
})
