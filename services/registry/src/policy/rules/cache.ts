import type { PolicyRule } from '../rule.ts'
import { ADMIN } from './checks.ts'

const CACHE = '/v2/cache'
const CACHED = '/v2/cache/{image_id}'

/** Rules of the image cache. */
export const CACHE_RULES: readonly PolicyRule[] = [
  {
    name: 'cache_image',
    check: ADMIN,
    description: 'Queue an image for caching.',
    operations: [{ method: 'PUT', path: CACHED }],
  },
  {
    name: 'cache_list',
    check: ADMIN,
    description: 'List cached and queued images.',
    operations: [{ method: 'GET', path: CACHE }],
  },
  {
    name: 'cache_delete',
    check: ADMIN,
    description: 'Remove images from the cache and its queue.',
    operations: [
      { method: 'DELETE', path: CACHE },
      { method: 'DELETE', path: CACHED },
    ],
  },
  {
    name: 'cache_clean',
    check: ADMIN,
    description: 'Remove invalid and stalled files of the cache.',
    operations: [{ method: 'POST', path: `${CACHE}/clean` }],
  },
  {
    name: 'cache_prune',
    check: ADMIN,
    description: 'Shrink the cache to its size limit.',
    operations: [{ method: 'POST', path: `${CACHE}/prune` }],
  },
  {
    name: 'list_cached_nodes',
    check: ADMIN,
    description: 'List the nodes that hold an image in their cache.',
    operations: [{ method: 'GET', path: `${CACHE}/nodes/{image_id}` }],
  },
  {
    name: 'manage_image_cache',
    check: ADMIN,
    description: 'Use the older cache calls.',
    operations: [
      { method: 'GET', path: '/v2/cached_images' },
      { method: 'DELETE', path: '/v2/cached_images' },
      { method: 'DELETE', path: '/v2/cached_images/{image_id}' },
      { method: 'GET', path: '/v2/queued_images' },
      { method: 'DELETE', path: '/v2/queued_images' },
      { method: 'PUT', path: '/v2/queued_images/{image_id}' },
      { method: 'DELETE', path: '/v2/queued_images/{image_id}' },
    ],
  },
]
