import type { PolicyRule } from '../rule.ts'
import { ADMIN, ADMIN_OR_MEMBER, ADMIN_OR_READER, REACHABLE } from './checks.ts'

const IMAGES = '/v2/images'
const IMAGE = '/v2/images/{image_id}'
const FILE = '/v2/images/{image_id}/file'

/** Rules of images as records; those of their data and locations have tables of their own. */
export const IMAGE_RULES: readonly PolicyRule[] = [
  {
    name: 'add_image',
    check: `${ADMIN} or (role:member and project_id:%(project_id)s and project_id:%(owner)s)`,
    description: 'Create an image.',
    operations: [{ method: 'POST', path: IMAGES }],
  },
  {
    name: 'get_images',
    check: ADMIN_OR_READER,
    description: 'List images.',
    operations: [{ method: 'GET', path: IMAGES }],
  },
  {
    name: 'get_image',
    check: `${ADMIN} or (role:reader and (${REACHABLE}))`,
    description: 'Show an image, and list it.',
    operations: [{ method: 'GET', path: IMAGE }],
  },
  {
    name: 'modify_image',
    check: ADMIN_OR_MEMBER,
    description: 'Change the attributes, properties and tags of an image, stage and import its data.',
    operations: [
      { method: 'PATCH', path: IMAGE },
      { method: 'PUT', path: `${IMAGE}/tags/{tag}` },
      { method: 'DELETE', path: `${IMAGE}/tags/{tag}` },
      { method: 'PUT', path: `${IMAGE}/stage` },
      { method: 'POST', path: `${IMAGE}/import` },
    ],
  },
  {
    name: 'delete_image',
    check: ADMIN_OR_MEMBER,
    description: 'Delete an image with its data.',
    operations: [{ method: 'DELETE', path: IMAGE }],
  },
  {
    name: 'publicize_image',
    check: ADMIN,
    description: 'Make an image public.',
    operations: [
      { method: 'POST', path: IMAGES },
      { method: 'PATCH', path: IMAGE },
    ],
  },
  {
    name: 'communitize_image',
    check: ADMIN_OR_MEMBER,
    description: 'Make an image a community image.',
    operations: [
      { method: 'POST', path: IMAGES },
      { method: 'PATCH', path: IMAGE },
    ],
  },
  {
    name: 'deactivate',
    check: ADMIN_OR_MEMBER,
    description: 'Bar the data of an image from being downloaded.',
    operations: [{ method: 'POST', path: `${IMAGE}/actions/deactivate` }],
  },
  {
    name: 'reactivate',
    check: ADMIN_OR_MEMBER,
    description: 'Let the data of a deactivated image be downloaded again.',
    operations: [{ method: 'POST', path: `${IMAGE}/actions/reactivate` }],
  },
]

/** Rules of the bytes of an image. */
export const DATA_RULES: readonly PolicyRule[] = [
  {
    name: 'upload_image',
    check: ADMIN_OR_MEMBER,
    description: 'Upload the data of an image.',
    operations: [{ method: 'PUT', path: FILE }],
  },
  {
    name: 'download_image',
    check: `${ADMIN} or (role:member and (${REACHABLE}))`,
    description: 'Download the data of an image.',
    operations: [{ method: 'GET', path: FILE }],
  },
  {
    name: 'download_from_store',
    check: `${ADMIN} or (role:member and (${REACHABLE}))`,
    description: 'Say which stores a download should prefer.',
    operations: [{ method: 'GET', path: FILE }],
  },
  {
    name: 'copy_image',
    check: ADMIN,
    description: 'Copy the data of an image to further stores.',
    operations: [{ method: 'POST', path: `${IMAGE}/import` }],
  },
]
