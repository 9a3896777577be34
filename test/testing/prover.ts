const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const hash = async (text: string): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('base64url')

export interface ProofChanges {
  readonly header?: object
  readonly claims?: object
  /** What is in the place of the signature. */
  readonly signature?: string
}

interface Prover {
  readonly jkt: string
  readonly jwk: JsonWebKey
  readonly prove: (
    method: string,
    url: string,
    changes?: ProofChanges,
    accessToken?: string,
  ) => Promise<string>
}

/** Somebody with a key, who makes DPoP proofs by the letter (RFC 9449), or with changes. */
export const createProver = async (): Promise<Prover> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const jwk = { crv, kty, x, y } as JsonWebKey
  return {
    jwk,
    jkt: await hash(JSON.stringify(jwk)),
    async prove(htm, htu, { header, claims, signature } = {}, accessToken) {
      const all = { typ: 'dpop+jwt', alg: 'ES256', jwk, ...header }
      const said = {
        jti: crypto.randomUUID(),
        htm,
        htu,
        iat: Math.floor(Date.now() / 1000),
        ...(accessToken !== undefined && { ath: await hash(accessToken) }),
        ...claims,
      }
      const input = `${encode(all)}.${encode(said)}`
      const bytes = await crypto.subtle.sign(algorithm, pair.privateKey, Buffer.from(input))
      return `${input}.${signature ?? Buffer.from(bytes).toString('base64url')}`
    },
  }
}
