import { GlanceError } from '@glance/shared/errors/error'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'

const Domain = Type.Object({ id: Type.Optional(Type.String()), name: Type.Optional(Type.String()) })
const Named = Type.Object({
  id: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  domain: Type.Optional(Domain),
})

/** The body of `POST /v3/auth/tokens` as far as the built-in identity serves it (Keystone v3: authentication). */
const TokenRequestSchema = Type.Object({
  auth: Type.Object({
    identity: Type.Object({
      methods: Type.Array(Type.String(), { minItems: 1 }),
      password: Type.Optional(
        Type.Object({
          user: Type.Object({
            id: Type.Optional(Type.String()),
            name: Type.Optional(Type.String()),
            domain: Type.Optional(Domain),
            password: Type.String(),
          }),
        }),
      ),
      token: Type.Optional(Type.Object({ id: Type.String() })),
    }),
    scope: Type.Optional(
      Type.Union([
        Type.Literal('unscoped'),
        Type.Object({ project: Type.Optional(Named), unscoped: Type.Optional(Type.Object({})) }),
      ]),
    ),
  }),
})
export type TokenRequest = Static<typeof TokenRequestSchema>

const check = Compile(TokenRequestSchema)

/** Checks a token request. Throws BadRequest naming the field and the rule. */
export function parseTokenRequest(body: unknown): TokenRequest['auth'] {
  if (check.Check(body)) return body.auth
  const fault = check.Errors(body)[0]
  throw new GlanceError('BadRequest', `${fault?.instancePath || 'body'} ${fault?.message ?? 'is malformed'}`)
}

/** The project a request asks for; undefined when it asks for none. */
export function requestedProject(auth: TokenRequest['auth']): { id?: string; name?: string } | undefined {
  return typeof auth.scope === 'object' ? auth.scope.project : undefined
}
