/**
 * A schema of any library that has Standard Schema (zod, valibot, arktype and others), as far as it
 * is used here. It must not be asynchronous.
 *
 * @see {@link https://standardschema.dev Standard Schema}
 */
export interface ClaimsSchema<Claims extends object = object> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (claims: unknown) => SchemaResult<Claims> | Promise<SchemaResult<Claims>>
    readonly types?: { readonly input: unknown; readonly output: Claims } | undefined
  }
}

type SchemaResult<Claims> =
  | { readonly value: Claims; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** What does not fit, and where. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}
