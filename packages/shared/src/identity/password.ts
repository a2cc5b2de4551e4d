import { compare, hash } from 'bcryptjs'

/** bcrypt's work factor: some 60 ms of one core. */
const COST = 10
/** bcrypt reads no further; a longer password would be cut without a word. */
export const MOST_PASSWORD_BYTES = 72
/** The hash of a password that nobody has, to compare with where there is no user. */
const NOBODY = '$2b$10$KssILxWNR6k62B7yiX0GAe2Q7wwHlrzhF3LqtVvpyvHZf0MwvNfVu'

/** A password's bcrypt hash. Throws RangeError for one that is empty or longer than bcrypt reads. */
export async function hashPassword(password: string): Promise<string> {
  const bytes = Buffer.byteLength(password)
  if (bytes === 0 || bytes > MOST_PASSWORD_BYTES) {
    throw new RangeError(`the password must have 1 to ${MOST_PASSWORD_BYTES} bytes, not ${bytes}`)
  }
  return hash(password, COST)
}

/** True when the password is the one; costs the same when there is no hash to compare with. */
export async function matchesPassword(password: string, known: string | undefined): Promise<boolean> {
  const matches = await compare(password, known ?? NOBODY)
  return matches && known !== undefined && Buffer.byteLength(password) <= MOST_PASSWORD_BYTES
}
