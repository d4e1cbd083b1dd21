// Compares `firn graphql validate --jsonl` with graphql-js: verdict, number of errors, locations.
//   node differential.mjs FIRN SCHEMA COUNT SEED
// Documents are grown from the schema; about half are then damaged. A difference is printed with
// the seed of its document; SEED and COUNT=1 make it again.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { buildSchema, getNamedType, isAbstractType, isCompositeType, isEnumType, isInputObjectType,
  isListType, isNonNullType, isObjectType, parse, validate } from 'graphql';

const [firn, schemaPath, countText, seedText] = process.argv.slice(2);
const count = Number(countText);
const firstSeed = Number(seedText);
const schema = buildSchema(readFileSync(schemaPath, 'utf8'));
const typeMap = schema.getTypeMap();
const typeNames = Object.keys(typeMap);
const fieldNames = [...new Set(Object.values(typeMap).flatMap((t) => (t.getFields ? Object.keys(t.getFields()) : [])))];
const inputTypes = typeNames.filter((n) => !isCompositeType(typeMap[n]) && !n.startsWith('__'));
const composites = typeNames.filter((n) => isCompositeType(typeMap[n]) && !n.startsWith('__'));

class Grower {
  constructor(seed) {
    this.state = (seed * 2654435761) >>> 0;
    for (let i = 0; i < 4; i++) this.random();
  }
  random() {
    let t = (this.state += 0x6d2b79f5);
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(n) { return Math.floor(this.random() * n); }
  chance(p) { return this.random() < p; }
  // For what makes documents invalid: half of them should be whole before they are damaged.
  oops(p) { return this.wild && this.random() < p; }
  pick(items) { return items[this.below(items.length)]; }

  document() {
    this.fragments = [];
    this.spreads = [];
    this.budget = 40;
    this.keys = 0;
    this.wild = this.chance(0.5);
    const operations = this.chance(0.85) ? 1 : 1 + this.below(3);
    const parts = [];
    for (let i = 0; i < operations; i++) parts.push(this.operation(operations > 1 ? i : -1));
    for (let i = 0; i < this.fragments.length && i < 6; i++) {
      const f = this.fragments[i];
      f.text = `fragment ${f.name} on ${f.type}${this.directives('FRAGMENT_DEFINITION')} ${this.selection(typeMap[f.type], 2)}`;
    }
    for (const f of this.fragments) if (f.text) parts.push(f.text);
    if (this.oops(0.03)) parts.push(this.pick(['type Extra { a: Int }', 'extend type Cat { b: Int }',
      'directive @mine on FIELD', 'scalar Mine', 'schema { query: Extra }', 'input I { a: Nope = 3 }', 'enum E { A B }']));
    if (this.chance(0.1)) parts.reverse();
    return parts.join(this.pick(['\n', '\n\n', ' ', '\r\n', '\r', ' # comment é\n', ' ,\n']));
  }
  operation(index) {
    const kinds = ['query', 'query', 'query', 'mutation', 'subscription'].filter((k) => schema.getRootType(k));
    const kind = this.oops(0.02) ? this.pick(['mutation', 'subscription']) : this.pick(kinds);
    const root = schema.getRootType(kind) ?? schema.getQueryType();
    this.variables = new Map();
    const selection = this.selection(root, 4, kind === 'subscription');
    const definitions = [...this.variables].map(([name, v]) => `$${name}: ${v.type}${v.default ?? ''}${this.directives('VARIABLE_DEFINITION')}`);
    if (this.oops(0.05)) definitions.push(`$unused: ${this.pick(inputTypes)}`);
    if (this.oops(0.03) && definitions.length) definitions.push(this.pick(definitions));
    if (this.oops(0.03)) definitions.push(`$odd: ${this.pick(typeNames)}!`);
    if (this.oops(0.04)) definitions.shift();
    const vars = definitions.length ? `(${definitions.join(', ')})` : '';
    if (kind === 'query' && index < 0 && !vars && this.chance(0.5)) return selection;
    const name = index >= 0 ? (!this.oops(0.1) ? ` Op${index}` : ' Op0') : this.chance(0.5) ? ' Name' : '';
    const description = this.chance(0.05) ? '"What it does" ' : '';
    return `${description}${kind}${name}${vars}${this.directives(kind.toUpperCase())} ${selection}`;
  }
  directives(location) {
    let out = '';
    if (this.oops(0.06)) {
      const name = this.pick([...schema.getDirectives().map((d) => d.name), 'skip', 'include', 'unknown']);
      const directive = schema.getDirective(name);
      out += ` @${name}${directive ? this.arguments(directive.args) : ''}`;
      if (this.chance(0.2)) out += ` @${name}${directive ? this.arguments(directive.args) : ''}`;
    }
    return out;
  }
  selection(type, depth, single = false) {
    if (this.oops(0.005)) return '{ }';
    const items = [];
    const n = single && !this.oops(0.15) ? 1 : 1 + this.below(4);
    for (let i = 0; i < n; i++) {
      const roll = this.random();
      if (roll < 0.12 && depth > 0) items.push(this.inline(type, depth));
      else if (roll < 0.2) items.push(this.spread(type));
      else items.push(this.field(type, depth));
    }
    if (this.chance(0.08)) items.push(this.pick(items));
    return `{ ${items.join(this.pick([' ', '\n', ', ']))} }`;
  }
  related(type) {
    if (this.oops(0.1)) return this.pick(this.chance(0.2) ? typeNames : composites);
    const options = [type.name];
    if (isAbstractType(type)) options.push(...schema.getPossibleTypes(type).map((t) => t.name));
    if (type.getInterfaces) options.push(...type.getInterfaces().map((t) => t.name));
    return this.pick(options);
  }
  inline(type, depth) {
    const on = this.chance(0.85) ? this.related(type) : undefined;
    const inner = on ? typeMap[on] : type;
    const body = isCompositeType(inner) ? this.selection(inner, depth - 1) : '{ id }';
    return `...${on ? ` on ${on}` : ''}${this.directives('INLINE_FRAGMENT')} ${body}`;
  }
  spread(type) {
    if (this.oops(0.04)) return '...Missing';
    const fitting = this.fragments.filter((f) => f.on === type.name);
    let fragment;
    if ((fitting.length && this.chance(0.6)) || this.fragments.length > 5) {
      const others = this.wild ? this.fragments : fitting;
      if (!others.length) return '__typename';
      fragment = this.pick(this.chance(0.9) && fitting.length ? fitting : others);
    } else {
      const name = this.related(type);
      fragment = { name: `F${this.fragments.length}`, type: isCompositeType(typeMap[name]) ? name : type.name, on: type.name };
      this.fragments.push(fragment);
    }
    return `...${fragment.name}${this.directives('FRAGMENT_SPREAD')}`;
  }
  field(type, depth) {
    if (this.chance(0.04)) return '__typename';
    if (type === schema.getQueryType() && this.chance(0.03)) return this.introspection();
    const fields = type.getFields ? Object.values(type.getFields()) : [];
    if (!fields.length || this.oops(0.015)) return this.pick(fieldNames);
    let field = this.pick(fields);
    if (depth <= 0 || this.budget-- <= 0) {
      const leaves = fields.filter((f) => !isCompositeType(getNamedType(f.type)));
      if (!leaves.length) return '__typename';
      field = this.pick(leaves);
    }
    const alias = this.wild ? (this.chance(0.12) ? `${this.pick(['a', 'b', 'id', 'name', field.name])}: ` : '')
      : field.args.length || this.chance(0.1) ? `k${this.keys++}: ` : '';
    const named = getNamedType(field.type);
    const wants = isCompositeType(named) !== this.oops(0.01);
    const body = wants ? ` ${isCompositeType(named) ? this.selection(named, depth - 1) : '{ x }'}` : '';
    return `${alias}${field.name}${this.arguments(field.args)}${this.directives('FIELD')}${body}`;
  }
  introspection() {
    return this.pick(['__schema { types { name fields { name } } }', '__type(name: "Cat") { name kind ofType { name } }',
      '__schema { types { fields { type { fields { type { fields { name } } } } } } }', '__type { name }',
      '__schema { directives { name args { name defaultValue } isRepeatable } }', '__type(name: "x") { isOneOf specifiedByURL inputFields { name } }']);
  }
  arguments(args) {
    const given = [];
    for (const arg of args) {
      const required = isNonNullType(arg.type) && arg.default === undefined;
      if (required ? !this.oops(0.03) : this.chance(0.35)) given.push(`${arg.name}: ${this.value(arg.type, 3)}`);
    }
    if (this.oops(0.01)) given.push('bogus: 1');
    if (this.oops(0.01) && given.length) given.push(this.pick(given));
    return given.length ? `(${given.join(', ')})` : '';
  }
  value(type, depth) {
    if (this.chance(0.12)) return this.variable(type);
    if (isNonNullType(type)) return this.oops(0.01) ? 'null' : this.value(type.ofType, depth);
    if (this.chance(0.05)) return 'null';
    if (this.oops(0.03)) return this.literal();
    if (isListType(type)) {
      if (this.chance(0.2)) return this.value(type.ofType, depth);
      return `[${Array.from({ length: this.below(3) }, () => this.value(type.ofType, depth - 1)).join(', ')}]`;
    }
    if (isEnumType(type)) return !this.oops(0.05) ? this.pick(type.getValues()).name : this.pick(['NOPE', '"RED"', '1']);
    if (isInputObjectType(type)) return this.object(type, depth);
    switch (type.name) {
      case 'Int': return this.pick(!this.wild ? ['1', '0', '-5', '2147483647'] : ['1', '0', '-5', '2147483647', '2147483648', '-2147483649', '1.0', '7']);
      case 'Float': return this.pick(['1', '1.5', '-0.0', '1e10', '1E400', '123456789012345678901234567890']);
      case 'Boolean': return this.pick(['true', 'false']);
      case 'ID': return this.pick(!this.wild ? ['"x"', '5'] : ['"x"', '5', '1.5', '"é"', '123456789012345678901234567890']);
      case 'String': return this.pick(['"x"', '""', '"""block\n  text"""', '"\\u00e9\\n"', '"\\u{1F600}"', '"😀"']);
      default: return this.literal();
    }
  }
  literal() {
    return this.pick(['1', '1.5', '"text"', 'true', 'ENUM', 'null', '[]', '{}', '{a: 1, b: [true]}', '[1, "x"]', '""" a """', '{a: 1, a: 2}']);
  }
  object(type, depth) {
    const fields = Object.values(type.getFields());
    if (type.isOneOf && !this.oops(0.1)) {
      const field = this.pick(fields);
      return `{${field.name}: ${this.value(field.type, depth - 1)}}`;
    }
    const given = [];
    for (const field of fields) {
      const required = isNonNullType(field.type) && field.default === undefined;
      if (required ? !this.oops(0.03) : depth > 0 && this.chance(0.3)) given.push(`${field.name}: ${this.value(field.type, depth - 1)}`);
    }
    if (this.oops(0.02)) given.push('bogus: 1');
    if (this.oops(0.02) && given.length) given.push(this.pick(given));
    return `{${given.join(', ')}}`;
  }
  variable(type) {
    if (!this.variables || this.oops(0.05)) return '$undefined';
    const name = this.wild ? `v${this.below(5)}` : `v${String(type).replace(/\W/g, '_')}`;
    if (!this.variables.has(name)) {
      let shown = String(type);
      if (this.oops(0.1)) shown = shown.endsWith('!') ? shown.slice(0, -1) : `${shown}!`;
      if (this.oops(0.03)) shown = this.pick(inputTypes);
      const withDefault = this.chance(0.2);
      const variables = this.variables;
      this.variables = undefined;  // defaults are constant
      const text = withDefault ? ` = ${this.constant(type)}` : undefined;
      this.variables = variables;
      this.variables.set(name, { type: shown, default: text });
    }
    return `$${name}`;
  }
  constant(type) {
    for (let i = 0; i < 20; i++) {
      const text = this.value(type, 1);
      if (!text.includes('$')) return text;
    }
    return 'null';
  }

  damage(text) {
    const times = 1 + this.below(3);
    for (let i = 0; i < times; i++) text = this.chance(0.6) ? this.damageTokens(text) : this.damageText(text);
    return text;
  }
  damageTokens(text) {
    const tokens = text.match(/"""[^]*?"""|"(?:[^"\\\n]|\\.)*"|\.\.\.|[A-Za-z_]\w*|-?\d[\w.]*|#[^\n]*|\s+|./g) ?? [];
    const real = tokens.map((t, i) => (t.trim() ? i : -1)).filter((i) => i >= 0);
    if (!real.length) return text;
    const at = this.pick(real);
    switch (this.below(5)) {
      case 0: tokens.splice(at, 1); break;
      case 1: tokens.splice(at, 0, tokens[this.pick(real)], ' '); break;
      case 2: tokens[at] = tokens[this.pick(real)]; break;
      case 3: tokens[at] = this.pick([...typeNames, ...fieldNames, '$v0', '!', '{', '}', '(', ')', '[', ']', ':', '=', '@skip', '...', 'on', 'null', '"s"', '1', 'query', 'fragment', '|', '&']); break;
      default: {
        const other = this.pick(real);
        [tokens[at], tokens[other]] = [tokens[other], tokens[at]];
      }
    }
    return tokens.join('');
  }
  damageText(text) {
    const at = this.below(text.length + 1);
    const bits = ['"', '"""', '\\', '\\u12', '\\u{110000}', '\\uD83D\\uDE00', '\\uD83D', '.', '..', '0', '00', '1.', '1e', '-', '\r', '\r\n', '\n', '\u2028', '\ufeff', 'é', '😀', "'", '#', '?', '\u0000', '\u0007', ',', '\t', '1x', '.5', '%'];
    if (this.chance(0.5)) return text.slice(0, at) + this.pick(bits) + text.slice(at);
    const end = Math.min(text.length, at + 1 + this.below(6));
    return text.slice(0, at) + text.slice(end);
  }
}

function documentOf(seed) {
  const grower = new Grower(seed);
  let text = grower.document();
  if (grower.chance(0.4)) text = grower.damage(text);
  return text;
}

function verdict(text) {
  let ast;
  try {
    ast = parse(text);
  } catch (error) {
    return [error];
  }
  return validate(schema, ast);
}

const place = (e) => JSON.stringify((e.locations ?? []).map((l) => [l.line, l.column]));
const compare = (errors) => errors.map(place).sort().join(';');

const child = spawn(firn, ['graphql', 'validate', '--schema', schemaPath, '--jsonl'], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = linesOf(child.stdout);
// Not readline, which takes U+2028 for the end of a line.
async function* linesOf(stream) {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const piece of stream) {
    const parts = (rest + piece).split('\n');
    rest = parts.pop();
    yield* parts;
  }
}
let valid = 0;
let different = 0;
let otherWords = 0;
const kBatch = 200;
for (let start = 0; start < count; start += kBatch) {
  const documents = [];
  for (let i = start; i < Math.min(count, start + kBatch); i++) documents.push(documentOf(firstSeed + i));
  child.stdin.write(documents.map((document) => JSON.stringify({ document }) + '\n').join(''));
  for (let i = 0; i < documents.length; i++) {
    const line = await lines.next();
    if (line.done) {
      console.log(`firn ended early at seed ${firstSeed + start + i}`);
      process.exit(1);
    }
    const mine = JSON.parse(line.value);
    const theirs = verdict(documents[i]);
    if (theirs.length === 0) valid++;
    const words = (errors) => errors.map((e) => e.message).sort().join('\n');
    const same = mine.valid === (theirs.length === 0) && mine.errors.length === theirs.length && compare(mine.errors) === compare(theirs);
    if (same && words(mine.errors) !== words(theirs)) {
      otherWords++;
      if (process.env.WORDS && otherWords <= 10) console.log(`WORDS seed ${firstSeed + start + i}\n firn: ${words(mine.errors)}\n js:   ${words(theirs)}`);
    }
    if (same) continue;
    different++;
    if (different <= 5) {
      console.log(`seed ${firstSeed + start + i} (node differential.mjs FIRN ${schemaPath} 1 ${firstSeed + start + i}):\n${JSON.stringify(documents[i])}`);
      console.log(` firn:       ${mine.errors.map((e) => `${e.message} ${place(e)}`).join('\n             ')}`);
      console.log(` graphql-js: ${theirs.map((e) => `${e.message} ${place(e)}`).join('\n             ')}`);
    }
  }
}
child.stdin.end();
console.log(`${count} documents from seed ${firstSeed}: ${valid} valid, ${different} different, ${otherWords} worded differently`);
process.exit(different === 0 ? 0 : 1);
