import { MalformedPolicy } from '../errors';
import type { PrincipalRole, Rule } from './rules';

const TOKEN = /\s*(?:'([^']*)'|"([^"]*)"|([A-Za-z]+)|(\d+)|([(),]))/y;
const PRINCIPAL = /^([A-Za-z0-9.-]+)\.(member|admin|client|peer|orderer)$/;
const GATES: ReadonlySet<string> = new Set(['And', 'and', 'AND', 'Or', 'or', 'OR', 'OutOf', 'outof', 'OUTOF']);
const DEEPEST = 100;

type Token =
    | { readonly kind: 'text' | 'word' | 'mark'; readonly text: string }
    | { readonly kind: 'number'; readonly value: number };

function tokens(text: string): readonly Token[] {
    const found: Token[] = [];
    const pattern = new RegExp(TOKEN);
    const source = text.trimEnd();
    while (pattern.lastIndex < source.length) {
        const start = pattern.lastIndex;
        const match = pattern.exec(source);
        if (match === null) throw new MalformedPolicy(`cannot read '${source.slice(start)}' in the policy`);
        found.push(tokenOf(match));
    }
    return found;
}

function tokenOf([, single, double, word, digits, mark]: RegExpExecArray): Token {
    const text = single ?? double;
    if (text !== undefined) return { kind: 'text', text };
    if (word !== undefined) return { kind: 'word', text: word };
    if (digits !== undefined) return { kind: 'number', value: Number(digits) };
    return { kind: 'mark', text: mark ?? '' };
}

class Reader {
    readonly #tokens: readonly Token[];
    #position = 0;

    constructor(text: string) {
        this.#tokens = tokens(text);
    }

    next(): Token {
        const token = this.#tokens[this.#position];
        if (token === undefined) throw new MalformedPolicy('the policy ends too early');
        this.#position += 1;
        return token;
    }

    isAtEnd(): boolean {
        return this.#position === this.#tokens.length;
    }

    mark(...expected: readonly string[]): string {
        const token = this.next();
        if (token.kind !== 'mark' || !expected.includes(token.text)) {
            throw new MalformedPolicy(`'${describe(token)}' where ${expected.join(' or ')} belongs`);
        }
        return token.text;
    }
}

function describe(token: Token): string {
    return token.kind === 'number' ? String(token.value) : token.text;
}

/** The rule in the peer command's notation: `AND('A.peer', OR('B.member', 'C.admin'))`, `OutOf(2, 'A.peer', …)`. Throws MalformedPolicy. */
export function parsePolicy(text: string): Rule {
    const reader = new Reader(text);
    const first = reader.next();
    if (first.kind !== 'word')
        throw new MalformedPolicy(`a policy begins with AND, OR or OutOf, not '${describe(first)}'`);
    const rule = gate(reader, first.text, 0);
    if (!reader.isAtEnd()) throw new MalformedPolicy(`'${describe(reader.next())}' after the end of the policy`);
    return rule;
}

function gate(reader: Reader, name: string, depth: number): Rule {
    if (!GATES.has(name)) throw new MalformedPolicy(`unrecognized token '${name}' in policy string`);
    if (depth > DEEPEST) throw new MalformedPolicy('the policy is nested too deeply');
    reader.mark('(');
    const isOutOf = name.toLowerCase() === 'outof';
    const threshold = isOutOf ? thresholdOf(reader) : undefined;
    const rules: Rule[] = [];
    do rules.push(operand(reader, depth));
    while (reader.mark(',', ')') === ',');
    const n = threshold ?? (name.toLowerCase() === 'and' ? rules.length : 1);
    // One more than there are rules is let through by the peer command too: a policy nobody can satisfy.
    if (n > rules.length + 1) throw new MalformedPolicy(`invalid t-out-of-n predicate, t ${n}, n ${rules.length}`);
    return { kind: 'outOf', n, rules };
}

function thresholdOf(reader: Reader): number {
    const token = reader.next();
    const value = token.kind === 'number' ? token.value : Number(token.text);
    if (!Number.isInteger(value)) throw new MalformedPolicy(`OutOf wants a number first, not '${describe(token)}'`);
    reader.mark(',');
    return value;
}

function operand(reader: Reader, depth: number): Rule {
    const token = reader.next();
    if (token.kind === 'word') return gate(reader, token.text, depth + 1);
    if (token.kind !== 'text') throw new MalformedPolicy(`'${describe(token)}' where a principal or a gate belongs`);
    const [, mspId, role] = PRINCIPAL.exec(token.text) ?? [];
    if (mspId === undefined || role === undefined) throw new MalformedPolicy(`error parsing principal ${token.text}`);
    return { kind: 'signedBy', mspId, role: role as PrincipalRole };
}
