import { bool, list } from '../options.ts'

/** `[image_format]`: formats the API accepts and how strictly data is compared with them. */
export const IMAGE_FORMAT_OPTIONS = {
  container_formats: list('Values of container_format.', {
    default: ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed'],
    deprecatedNames: [{ section: 'DEFAULT', name: 'container_formats' }],
  }),
  disk_formats: list('Values of disk_format.', {
    default: ['ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop'],
    deprecatedNames: [{ section: 'DEFAULT', name: 'disk_formats' }],
  }),
  vmdk_allowed_types: list('createType values a VMDK may have; an empty list allows none.', {
    default: ['streamOptimized', 'monolithicSparse'],
  }),
  require_image_format_match: bool('Refuses data whose real format is not the declared one.', { default: true }),
  gpt_safety_checks_nonfatal: list('Failed checks of a GPT image that are only logged.', { default: [] }),
} as const
