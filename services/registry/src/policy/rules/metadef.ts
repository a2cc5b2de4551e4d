import type { PolicyRule } from '../rule.ts'
import { ADMIN, ADMIN_OR_READER } from './checks.ts'

const NAMESPACES = '/v2/metadefs/namespaces'
const NAMESPACE = `${NAMESPACES}/{namespace_name}`
const TYPES = `${NAMESPACE}/resource_types`
const READ = `${ADMIN} or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))`
const WRITE = 'rule:metadef_admin'

type Row = readonly [name: string, description: string, method: string, path: string]

function guarded(check: string, rows: readonly Row[]): PolicyRule[] {
  return rows.map(([name, description, method, path]) => ({ name, check, description, operations: [{ method, path }] }))
}

/** Rules of metadata definitions. */
export const METADEF_RULES: readonly PolicyRule[] = [
  { name: 'metadef_default', check: '', description: 'For rules of older policy files to refer to.', operations: [] },
  { name: 'metadef_admin', check: ADMIN, description: 'Who writes metadata definitions.', operations: [] },
  ...guarded(ADMIN_OR_READER, [['get_metadef_namespaces', 'List namespaces.', 'GET', NAMESPACES]]),
  ...guarded(READ, [
    ['get_metadef_namespace', 'Show a namespace.', 'GET', NAMESPACE],
    ['get_metadef_objects', 'List the objects of a namespace.', 'GET', `${NAMESPACE}/objects`],
    ['get_metadef_object', 'Show an object.', 'GET', `${NAMESPACE}/objects/{object_name}`],
    ['list_metadef_resource_types', 'List resource types.', 'GET', '/v2/metadefs/resource_types'],
    ['get_metadef_resource_type', 'List the resource types of a namespace.', 'GET', TYPES],
    ['get_metadef_properties', 'List the properties of a namespace.', 'GET', `${NAMESPACE}/properties`],
    ['get_metadef_property', 'Show a property.', 'GET', `${NAMESPACE}/properties/{property_name}`],
    ['get_metadef_tags', 'List the tags of a namespace.', 'GET', `${NAMESPACE}/tags`],
    ['get_metadef_tag', 'Show a tag.', 'GET', `${NAMESPACE}/tags/{tag_name}`],
  ]),
  ...guarded(WRITE, [
    ['add_metadef_namespace', 'Create a namespace.', 'POST', NAMESPACES],
    ['modify_metadef_namespace', 'Change a namespace.', 'PUT', NAMESPACE],
    ['delete_metadef_namespace', 'Delete a namespace.', 'DELETE', NAMESPACE],
    ['add_metadef_object', 'Create an object.', 'POST', `${NAMESPACE}/objects`],
    ['modify_metadef_object', 'Change an object.', 'PUT', `${NAMESPACE}/objects/{object_name}`],
    ['delete_metadef_object', 'Delete an object.', 'DELETE', `${NAMESPACE}/objects/{object_name}`],
    ['add_metadef_resource_type_association', 'Associate a resource type.', 'POST', TYPES],
    ['remove_metadef_resource_type_association', 'Dissociate a resource type.', 'DELETE', `${TYPES}/{name}`],
    ['add_metadef_property', 'Create a property.', 'POST', `${NAMESPACE}/properties`],
    ['modify_metadef_property', 'Change a property.', 'PUT', `${NAMESPACE}/properties/{property_name}`],
    ['remove_metadef_property', 'Delete a property.', 'DELETE', `${NAMESPACE}/properties/{property_name}`],
    ['add_metadef_tag', 'Create a tag.', 'POST', `${NAMESPACE}/tags/{tag_name}`],
    ['add_metadef_tags', 'Replace the tags of a namespace.', 'POST', `${NAMESPACE}/tags`],
    ['modify_metadef_tag', 'Rename a tag.', 'PUT', `${NAMESPACE}/tags/{tag_name}`],
    ['delete_metadef_tag', 'Delete a tag.', 'DELETE', `${NAMESPACE}/tags/{tag_name}`],
    ['delete_metadef_tags', 'Delete all tags of a namespace.', 'DELETE', `${NAMESPACE}/tags`],
  ]),
]
