import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { repositoryRoot } from '../layout';

const limit = z.strictObject({ memory: z.int().min(64), cpus: z.number().positive() });
const kinds = ['peer', 'fabric-peer', 'ordering', 'ordering-seat', 'fabric-orderer', 'chaincode', 'fabric-ca'] as const;
const byKind = <T extends z.ZodType>(schema: T): z.ZodRecord<z.ZodEnum<{ [K in (typeof kinds)[number]]: K }>, T> =>
    z.record(z.enum(kinds), schema);

const profile = z.strictObject({
    homes: z.int().min(1),
    healthEverySeconds: z.int().min(1),
    limits: byKind(limit),
});

const template = z.strictObject({
    common: z.unknown(),
    services: byKind(z.looseObject({ image: z.string().regex(/^[\w./-]+:\d+\.\d+\.\d+$/) })),
    profiles: z.record(z.string(), profile),
});

export type ComposeTemplate = z.infer<typeof template>;
export type Profile = z.infer<typeof profile>;

/** `network/compose/services.yaml`: what the containers of a kind have in common, and how much they may take. */
export function composeTemplate(): ComposeTemplate {
    const file = join(repositoryRoot, 'network', 'compose', 'services.yaml');
    return template.parse(parse(readFileSync(file, 'utf8'), { merge: true }));
}

/** The first profile that has room for the homes. */
export function profileFor({ profiles }: ComposeTemplate, homes: number): Profile {
    const found = Object.values(profiles).find((each) => homes <= each.homes);
    if (found === undefined) {
        throw new Error(`no profile of network/compose/services.yaml has room for ${homes} homes`);
    }
    return found;
}
