// Lint rules that keep data on `Object.prototype` out of the library, at the three edges where
// objects come in or leave: options of a caller, parsed JSON, options for the browser. Between
// them every object has its members as its own.

const GUARDS = new Set(['ownFields', 'presentFields', 'ownTree'])
/** What takes options as they are, and guards them itself. */
const TAKERS = new Set(['resolveOptions', 'prepareRequest', 'requireLogin'])
/** Which argument of a function of the browser holds its options. */
const OPTIONS_AT = new Map([
  ['addEventListener', 2],
  ['.addEventListener', 2],
  ['.request', 1],
  ['Request', 1],
])

function isGuarded(node) {
  for (let { parent } = node; parent; { parent } = parent) {
    if (parent.type === 'CallExpression' && GUARDS.has(parent.callee.name)) return true
    if (/Function|Statement|Declaration/.test(parent.type)) return false
  }
  return false
}

function isParsed(node) {
  if (node.type === 'AwaitExpression') return isParsed(node.argument)
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false
  const { object, property } = node.callee
  if (property.name === 'catch') return isParsed(object)
  return property.name === 'json' || (object.name === 'JSON' && property.name === 'parse')
}

const parsed = (context) => ({
  TSAsExpression(node) {
    if (isParsed(node.expression) && node.typeAnnotation.type !== 'TSUnknownKeyword')
      context.report({ node, message: 'What is parsed is unknown, and read by `ownFields`.' })
  },
})

const dictionary = (context) => {
  const check = ({ callee, arguments: given }) => {
    const isPlain = callee.type === 'Identifier'
    const node = given[OPTIONS_AT.get(isPlain ? callee.name : `.${callee.property?.name}`)]
    if (node?.type === 'ObjectExpression')
      context.report({ node, message: 'Options for the browser are made by `ownFields`.' })
  }
  return { CallExpression: check, NewExpression: check }
}

const options = (context) => {
  const check = (node) => {
    const parameters = new Set(node.params.map((one) => one.left ?? one).filter(isOptions))
    for (const { identifiers, references } of context.sourceCode.getDeclaredVariables(node))
      if (identifiers.some((one) => parameters.has(one)))
        for (const { identifier } of references.filter((one) => one.isRead()))
          if (!isGuarded(identifier) && !TAKERS.has(identifier.parent.callee?.name))
            context.report({ node: identifier, message: 'Options are read by `ownFields`.' })
  }
  return { FunctionDeclaration: check, ArrowFunctionExpression: check, FunctionExpression: check }
}

/** What a caller outside of the library hands over, by the name of its type. */
function isOptions({ name, typeAnnotation }) {
  const type = typeAnnotation?.typeAnnotation.typeName?.name ?? typeAnnotation?.typeAnnotation.type
  return type ? /(?<!Internal|Hold|Run|Resolved)(Options|Init)$/.test(type) : name === 'call'
}

const rules = Object.fromEntries(
  Object.entries({ parsed, dictionary, options }).map(([name, create]) => [name, { create }]),
)
// oxlint-disable-next-line import/no-default-export -- as oxlint loads it
export default { meta: { name: 'own-fields' }, rules }
