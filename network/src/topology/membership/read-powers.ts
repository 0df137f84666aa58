import { z } from 'zod';
import { organisation, type Topology } from '../topology';
import type { Power } from './seat-change';

const number = z.string().regex(/^\d{1,18}$/, 'a power is a whole number that is not negative');
const onFile = z.record(z.string(), z.union([z.int().nonnegative().transform(String), number]));

/** Powers by organisation as people write them: `H1=32,H2=28`, or a JSON object. Throws Error naming what cannot be read. */
export function readPowers(text: string, topology: Topology): readonly Power[] {
    const entries = text.trim().startsWith('{') ? Object.entries(fromJson(text)) : fromList(text);
    const powers = entries.map(([id, power]) => ({ mspId: organisation(topology, id).mspId, power: BigInt(power) }));
    const twice = powers.find(({ mspId }, at) => powers.findIndex((other) => other.mspId === mspId) < at);
    if (twice !== undefined) throw new Error(`${twice.mspId} is named twice`);
    return powers;
}

function fromJson(text: string): Readonly<Record<string, string>> {
    const parsed = onFile.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    return parsed.data;
}

function fromList(text: string): [string, string][] {
    return text.split(',').map((part) => {
        const [id = '', power = '', ...rest] = part.trim().split('=');
        if (id === '' || rest.length > 0 || !number.safeParse(power).success) {
            throw new Error(`'${part}' is no power: write H1=32,H2=28`);
        }
        return [id, power];
    });
}
