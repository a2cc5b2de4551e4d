import { ANY_PROPERTY, type ImageAttributes } from '../schema/image-attributes.ts'

type Document = Readonly<Record<string, unknown>>

/** The published schema of an image, made of the very tables that requests are checked against. */
export function imageSchemaDocument(attributes: ImageAttributes): Document {
  return {
    name: 'image',
    properties: { ...attributes.base, ...attributes.wellKnown },
    additionalProperties: ANY_PROPERTY,
    links: [
      { rel: 'self', href: '{self}' },
      { rel: 'enclosure', href: '{file}' },
      { rel: 'describedby', href: '{schema}' },
    ],
  }
}

/** The published schema of a page of images. */
export function imagesSchemaDocument(attributes: ImageAttributes): Document {
  return {
    name: 'images',
    properties: {
      images: { type: 'array', items: imageSchemaDocument(attributes) },
      first: { type: 'string' },
      next: { type: 'string' },
      schema: { type: 'string' },
    },
    links: [
      { rel: 'first', href: '{first}' },
      { rel: 'next', href: '{next}' },
      { rel: 'describedby', href: '{schema}' },
    ],
  }
}
