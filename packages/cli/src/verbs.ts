import type { Verb } from './verb.ts'

export interface VerbEntry {
  /** One sentence for the list of subcommands. */
  readonly summary: string
  /** Loads the verb; only the one that is called is loaded. */
  readonly load: () => Promise<Verb>
}

/** Every subcommand by name; a new one is one row here and one file in verbs/. */
export const verbs: Readonly<Record<string, VerbEntry>> = {
  'image-create': {
    summary: 'Create an image, with its data when a file or standard input provides it.',
    load: async () => (await import('./verbs/image-create.ts')).imageCreate,
  },
  'image-delete': {
    summary: 'Delete one or more images.',
    load: async () => (await import('./verbs/image-delete.ts')).imageDelete,
  },
  'image-download': {
    summary: 'Save the data of an image and verify it.',
    load: async () => (await import('./verbs/image-download.ts')).imageDownload,
  },
  'image-list': {
    summary: 'List the images you can see.',
    load: async () => (await import('./verbs/image-list.ts')).imageList,
  },
  'image-show': {
    summary: 'Show the properties of an image.',
    load: async () => (await import('./verbs/image-show.ts')).imageShow,
  },
  'image-tag-delete': {
    summary: 'Remove a tag from an image.',
    load: async () => (await import('./verbs/image-tag-delete.ts')).imageTagDelete,
  },
  'image-tag-update': {
    summary: 'Add a tag to an image.',
    load: async () => (await import('./verbs/image-tag-update.ts')).imageTagUpdate,
  },
  'image-update': {
    summary: 'Change the properties of an image.',
    load: async () => (await import('./verbs/image-update.ts')).imageUpdate,
  },
  'image-upload': {
    summary: 'Upload the data of an image that has none yet.',
    load: async () => (await import('./verbs/image-upload.ts')).imageUpload,
  },
}
