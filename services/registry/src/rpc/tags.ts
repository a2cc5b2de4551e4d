import type { TypedHandlers } from '@glance/shared/bus/client'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import { GlanceError } from '@glance/shared/errors/error'
import { addTags, removeTag, touchImage } from '../db/image-changes.ts'
import { readTags } from '../domain/attributes.ts'
import { requireQuota } from '../domain/quota.ts'
import { requireWritable } from '../policy/enforce.ts'
import { notFound, reachForChange } from './find-image.ts'
import type { RpcParts } from './parts.ts'

export function tagHandlers(parts: RpcParts): Pick<TypedHandlers<RegistryRpc>, 'addTag' | 'removeTag'> {
  return {
    addTag: async ({ imageId, tag }, { context }) => {
      requireWritable(context)
      if (tag === '') throw new GlanceError('BadRequest', 'A tag must not be empty.')
      readTags([tag])
      const image = await reachForChange(parts, context, { id: imageId, rule: 'modify_image' })
      const before = image.tags.length
      const after = image.tags.includes(tag) ? before : before + 1
      requireQuota('tags', parts.limits, { before, after })
      const target = { id: image.id, now: parts.now() }
      await parts.database.transaction(async (tx) => {
        if (!(await touchImage(tx, target))) throw notFound(imageId)
        await addTags(tx, target, [tag])
      })
      return {}
    },

    removeTag: async ({ imageId, tag }, { context }) => {
      requireWritable(context)
      const image = await reachForChange(parts, context, { id: imageId, rule: 'modify_image' })
      const lacking = new GlanceError('NotFound', `Image ${image.id} has no tag '${tag}'.`)
      if (!image.tags.includes(tag)) throw lacking
      const target = { id: image.id, now: parts.now() }
      await parts.database.transaction(async (tx) => {
        if (!(await touchImage(tx, target))) throw notFound(imageId)
        if (!(await removeTag(tx, target, tag))) throw lacking
      })
      return {}
    },
  }
}
