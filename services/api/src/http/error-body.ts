import { STATUS_CODES } from 'node:http'
import type { ErrorShape } from './negotiate.ts'

/** An error as it goes out. */
export interface ErrorBody {
  readonly contentType: string
  readonly text: string
}

/** Names that clients of this API know, where the present HTTP registry has newer ones. */
const REASONS: Readonly<Record<number, string>> = {
  413: 'Request Entity Too Large',
  416: 'Requested Range Not Satisfiable',
}

/** The reason phrase of a status, as error documents show it. */
export function reasonOf(status: number): string {
  return REASONS[status] ?? STATUS_CODES[status] ?? 'Unknown'
}

/**
 * The body of an error answer in one of the three shapes that clients read (Images v2 contract: error body format).
 * The JSON members are flat, and `code` is a string.
 */
export function errorBody(status: number, explanation: string, shape: ErrorShape): ErrorBody {
  const reason = reasonOf(status)
  const line = `${status} ${reason}`
  if (shape === 'json') {
    const text = JSON.stringify({ message: `${explanation}<br /><br />\n\n\n`, code: line, title: reason })
    return { contentType: 'application/json', text }
  }
  if (shape === 'plain') {
    return { contentType: 'text/plain; charset=UTF-8', text: `${line}\n\n${explanation}\n\n` }
  }
  const text = `<html>
 <head>
  <title>${line}</title>
 </head>
 <body>
  <h1>${line}</h1>
  ${escapeHtml(explanation)}<br /><br />


 </body>
</html>`
  return { contentType: 'text/html; charset=UTF-8', text }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
