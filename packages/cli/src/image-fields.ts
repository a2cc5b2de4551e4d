import { type Command, Option } from 'commander'
import { CommandError } from './command-error.ts'
import { collect, trueOrFalse, wholeNumber } from './options.ts'

const VISIBILITIES = 'public, private, community, shared'
const DISK_FORMATS = 'such as raw, qcow2, vmdk, vhd, vhdx, vdi, iso, ploop, ami, ari, aki'
const CONTAINER_FORMATS = 'such as bare, ovf, ova, docker, compressed, ami, ari, aki'

/** Options naming image properties; `property` and `removeProperty` hold the custom ones. */
export interface ImageFieldOptions {
  readonly property?: readonly string[]
  readonly [field: string]: unknown
}

/** Properties an option exists for: option attribute to property name. */
const fields: Readonly<Record<string, string>> = {
  id: 'id',
  name: 'name',
  visibility: 'visibility',
  protected: 'protected',
  hidden: 'os_hidden',
  owner: 'owner',
  tags: 'tags',
  diskFormat: 'disk_format',
  containerFormat: 'container_format',
  minDisk: 'min_disk',
  minRam: 'min_ram',
  architecture: 'architecture',
  osDistro: 'os_distro',
  osVersion: 'os_version',
  kernelId: 'kernel_id',
  ramdiskId: 'ramdisk_id',
  instanceUuid: 'instance_uuid',
}

/** Declares one option per writable image property, and `--property` for all others. */
export function declareImageFields(command: Command): void {
  command
    .option('--name <NAME>', 'Name of the image.')
    .option('--visibility <VISIBILITY>', `Who can see the image: ${VISIBILITIES}.`)
    .addOption(new Option('--protected <True|False>', 'Refuse to delete the image.').argParser(trueOrFalse))
    .addOption(new Option('--hidden <True|False>', 'Leave the image out of default lists.').argParser(trueOrFalse))
    .option('--owner <OWNER>', 'Project that owns the image.')
    .option('--tags <TAGS...>', 'Tags of the image, one or more.')
    .option('--disk-format <DISK_FORMAT>', `Format of the disk, ${DISK_FORMATS}.`)
    .option('--container-format <CONTAINER_FORMAT>', `Format of the container, ${CONTAINER_FORMATS}.`)
    .option('--min-disk <MIN_DISK>', 'Disk needed to boot the image, in GiB.', wholeNumber())
    .option('--min-ram <MIN_RAM>', 'Memory needed to boot the image, in MiB.', wholeNumber())
    .option('--architecture <ARCHITECTURE>', 'Processor architecture, such as x86_64.')
    .option('--os-distro <OS_DISTRO>', 'Operating system distribution, such as debian.')
    .option('--os-version <OS_VERSION>', 'Version of the operating system.')
    .option('--kernel-id <KERNEL_ID>', 'Image used as kernel when an AMI image is booted.')
    .option('--ramdisk-id <RAMDISK_ID>', 'Image used as ramdisk when an AMI image is booted.')
    .option('--instance-uuid <INSTANCE_UUID>', 'Instance the image was made from; a note only.')
    .option('--property <key=value>', 'Any other property; may be repeated.', collect)
}

/**
 * The properties asked for, by name; `--property` wins over an option of the same name.
 *
 * @throws CommandError for a --property without `=`
 */
export function readImageFields(options: ImageFieldOptions): Record<string, unknown> {
  const given = Object.entries(fields).flatMap(([attribute, property]) =>
    options[attribute] === undefined ? [] : [[property, options[attribute]]],
  )
  return { ...Object.fromEntries(given), ...Object.fromEntries((options.property ?? []).map(keyAndValue)) }
}

function keyAndValue(text: string): [key: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw new CommandError(`error: argument --property: expected key=value, got '${text}'`)
  return [text.slice(0, at), text.slice(at + 1)]
}
