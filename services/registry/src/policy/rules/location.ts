import type { PolicyRule } from '../rule.ts'
import { ADMIN, ADMIN_OR_MEMBER, ADMIN_OR_READER } from './checks.ts'

const IMAGE = '/v2/images/{image_id}'
const LOCATIONS = '/v2/images/{image_id}/locations'
const IN_STORE = '/v2/stores/{store_id}/{image_id}'

/** Rules of where the data of images lie, and of the stores. */
export const LOCATION_RULES: readonly PolicyRule[] = [
  {
    name: 'get_image_location',
    check: ADMIN_OR_READER,
    description: 'See the locations of an image in its record.',
    operations: [
      { method: 'GET', path: IMAGE },
      { method: 'DELETE', path: IN_STORE },
    ],
  },
  {
    name: 'set_image_location',
    check: ADMIN_OR_MEMBER,
    description: 'Add or replace locations of an image by PATCH.',
    operations: [{ method: 'PATCH', path: IMAGE }],
  },
  {
    name: 'delete_image_location',
    check: ADMIN,
    description: 'Remove a location of an image with the data there.',
    operations: [
      { method: 'PATCH', path: IMAGE },
      { method: 'DELETE', path: IN_STORE },
    ],
  },
  {
    name: 'add_image_location',
    check: 'rule:service_api or (role:member and project_id:%(project_id)s and project_id:%(owner)s)',
    description: 'Register data that lie in a store already.',
    operations: [{ method: 'POST', path: LOCATIONS }],
  },
  {
    name: 'fetch_image_location',
    check: 'rule:service_api',
    description: 'Read the locations of an image.',
    operations: [{ method: 'GET', path: LOCATIONS }],
  },
  {
    name: 'stores_info_detail',
    check: 'rule:context_is_admin or rule:service_api',
    description: 'See the type, weight and properties of the stores.',
    operations: [{ method: 'GET', path: '/v2/info/stores/detail' }],
  },
]
