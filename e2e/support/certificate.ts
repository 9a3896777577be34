import { createSign, generateKeyPairSync } from 'node:crypto'

/** A key and a self-signed certificate, in PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]
const COMMON_NAME = [0x55, 0x04, 0x03]
const SUBJECT_ALTERNATIVE_NAME = [0x55, 0x1d, 0x11]
const YEAR_MS = 365 * 86_400_000

/** One DER element (ITU-T X.690): the tag, the length, and the content. */
function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, ...encodeLength(body.length)]), body])
}

/** In as few bytes as possible, which Chromium insists on. */
function encodeLength(length: number): readonly number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

const sequence = (...content: readonly Uint8Array[]) => element(0x30, ...content)
const objectIdentifier = (bytes: readonly number[]) => element(0x06, Buffer.from(bytes))
const utcTime = (ms: number) =>
  element(
    0x17,
    Buffer.from(
      `${new Date(ms)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2)}`,
    ),
  )

/**
 * Makes a certificate for these host names (RFC 5280), valid for a year; browsers must be told to
 * accept it.
 */
export function createCertificate(hosts: readonly [string, ...string[]]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256))
  const commonName = sequence(objectIdentifier(COMMON_NAME), element(0x0c, Buffer.from(hosts[0])))
  const name = sequence(element(0x31, commonName))
  const names = sequence(...hosts.map((host) => element(0x82, Buffer.from(host))))
  const extension = sequence(objectIdentifier(SUBJECT_ALTERNATIVE_NAME), element(0x04, names))
  const now = Date.now()
  const unsigned = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))), // version 3
    element(0x02, Buffer.from([1])), // serial number
    algorithm,
    name,
    sequence(utcTime(now - YEAR_MS / 12), utcTime(now + YEAR_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(extension)),
  )
  const signature = createSign('sha256').update(unsigned).sign(privateKey)
  const signed = sequence(unsigned, algorithm, element(0x03, Buffer.from([0]), signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${signed.toString('base64')}\n-----END CERTIFICATE-----\n`,
  }
}
