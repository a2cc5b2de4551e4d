import { describe, expect, it } from 'vitest'
import { errorFrom } from './http-error.ts'

const HTML = `<html>
 <head>
  <title>404 Not Found</title>
 </head>
 <body>
  <h1>404 Not Found</h1>
  No image found with ID &quot;x&quot;<br /><br />


 </body>
</html>`

describe('errorFrom', () => {
  it.each([
    ['HTML', 'text/html; charset=UTF-8', HTML, 'HTTP 404 Not Found: No image found with ID "x"'],
    ['plain text', 'text/plain', '404 Not Found\n\nNo such thing.\n\n   ', 'HTTP 404 Not Found\nNo such thing.'],
    [
      'flat JSON',
      'application/json',
      '{"message": "No such thing.<br /><br />\\n\\n\\n", "code": "404 Not Found", "title": "Not Found"}',
      'HTTP 404 Not Found: No such thing.',
    ],
    [
      'nested JSON',
      'application/json',
      '{"error": {"message": "No such project.", "code": 404}}',
      'HTTP No such project.',
    ],
    ['several messages', 'application/json', '{"a": {"message": "one"}, "b": {"message": "two"}}', 'HTTP one\ntwo'],
    ['broken JSON', 'application/json', '{"message": ', 'HTTP {"message":'],
    ['nothing', '', '', 'HTTP HTTPNotFound'],
  ])('reads details from %s', (_kind, type, body, message) => {
    const error = errorFrom(404, type, body)
    expect(error.message).toBe(message)
    expect(error.status).toBe(404)
  })

  it('names a status without a class of its own', () => {
    expect(errorFrom(418, '', '').message).toBe('HTTP HTTPException (418)')
  })

  it('keeps entities that are none', () => {
    expect(errorFrom(400, 'text/html', 'a &nosuch; &#x27;b&#39; &#x110000;').message).toBe(
      "HTTP a &nosuch; 'b' &#x110000;",
    )
  })
})
