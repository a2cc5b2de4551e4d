import { describe, expect, test } from 'vitest'
import { announcedSize, checkUploadType, chosenStore } from './upload-headers.ts'

const refusedAs = (code: string) => expect.objectContaining({ code })

describe('content type', () => {
  test.each(['application/octet-stream', 'Application/Octet-Stream; charset=x'])('%s is taken', (type) => {
    expect(() => checkUploadType({ 'content-type': type })).not.toThrow()
  })
  test.each([undefined, '', 'application/json', 'application/octet-streams'])('%s is refused', (type) => {
    expect(() => checkUploadType({ 'content-type': type })).toThrowError(refusedAs('UnsupportedMediaType'))
  })
})

describe('announced size', () => {
  test.each([
    [{}, undefined],
    [{ 'content-length': '0' }, undefined],
    [{ 'content-length': '12' }, 12],
    [{ 'x-openstack-image-size': '7', 'content-length': '12' }, 7],
    [{ 'x-openstack-image-size': ' 7 ' }, 7],
    [{ 'x-openstack-image-size': '0', 'content-length': '12' }, undefined],
  ])('%j is %s', (headers, size) => {
    expect(announcedSize(headers)).toBe(size)
  })
  test.each(['', 'x', '-1', '1.5', '1e3', '0x10', '99999999999999999999'])('%j is refused', (size) => {
    expect(() => announcedSize({ 'x-openstack-image-size': size })).toThrowError(refusedAs('BadRequest'))
  })
})

describe('store', () => {
  const stores = [{ id: 'fast' }, { id: 'cheap' }]
  test('one of several may be chosen', () => {
    expect(chosenStore({ 'x-image-meta-store': 'cheap' }, { multistore: true, stores })).toBe('cheap')
    expect(chosenStore({}, { multistore: true, stores })).toBeUndefined()
  })
  test('without several the choice is ignored', () => {
    expect(chosenStore({ 'x-image-meta-store': 'nowhere' }, { multistore: false, stores })).toBeUndefined()
  })
  test.each(['nowhere', 'os_glance_staging_store', 'fast,cheap', 'FAST'])('%s is unknown', (store) => {
    expect(() => chosenStore({ 'x-image-meta-store': store }, { multistore: true, stores })).toThrowError(
      refusedAs('UnknownStore'),
    )
  })
})
