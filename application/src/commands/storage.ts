import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Charter, PurchaseRecord, StorageTermsRecord } from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';
import { dayOf, localDay, localTime, slot as slotOf } from '@commonwatt/chaincode/domain/slot';
import { storageOn } from '@commonwatt/chaincode/domain/storage/terms';
import type { Layout } from '@commonwatt/network/topology/layout';
import { serveAttestation } from '../attestation/attestation-server';
import type { CommunityMembers, MemberAccess } from '../community/members';
import { contractsOfDay } from '../community/trade';
import { InputError } from '../data/input-error';
import { dayBefore, isDay } from '../data/zone';
import { Contracts } from '../market/contracts';
import { storageText } from '../report/storage-text';
import { delivery } from '../storage/statements';
import { storageCheck, type StoredEnergy } from '../storage/storage-check';
import { storageState } from '../storage/storage-state';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { expectedData, meterData, rememberedDay } from './day-choice';
import { EXIT, NotNow } from './failure';
import { charterOf, clockOf } from './look';

/** What the storage system's operator looks at and does. */
export const STORAGE_PARTS = ['show', 'release', 'confirm', 'refund', 'serve'] as const;
export type StoragePart = (typeof STORAGE_PARTS)[number];

export interface StorageOptions extends CommonOptions {
    readonly day?: string;
    readonly id?: string;
    readonly stored?: string;
}

interface Work {
    readonly members: CommunityMembers;
    readonly charter: Charter;
    readonly terms: StorageTermsRecord;
    readonly storage: MemberAccess;
    readonly day: string;
    readonly options: StorageOptions;
}

/** The storage system with its own key, at its own peer. */
export async function storage(part: StoragePart, options: StorageOptions): Promise<number> {
    const context = contextOf(options);
    const day = options.day ?? rememberedDay(context.layout)?.day;
    if (day === undefined || !isDay(day)) {
        throw new InputError({ file: '--day' }, `'${day ?? ''}' is not a day; write it as 2025-04-16`);
    }
    return withMembers(context, async (members) => {
        const charter = await charterOf(members.operator.calls);
        const terms = storageOn(charter.storage, day);
        const found = members.households.find(({ calls }) => calls.mspId === terms?.mspId);
        if (terms === undefined || found === undefined) {
            throw new NotNow(`the community has no storage system on ${day}`);
        }
        await PARTS[part]({ members, charter, terms, storage: found, day, options });
        return EXIT.done;
    });
}

const PARTS: Readonly<Record<StoragePart, (work: Work) => Promise<void>>> = {
    show,
    release: async (work) => {
        const bought = chosen(work, await purchases(work), 'bought');
        const statements = await stated(work, 'released', bought);
        await new Contracts(work.storage.calls).release(statements, work.members.operator.calls.mspId);
        await show(work);
    },
    confirm: async (work) => {
        const released = chosen(work, await purchases(work), 'released');
        for (const alike of sameDays(work.charter, released)) {
            const statements = await stated(work, 'confirmed', alike.purchases);
            await new Contracts(work.storage.calls).confirm(statements, work.charter, alike.first, alike.day);
        }
        await show(work);
    },
    refund: async (work) => {
        if (work.options.id === undefined) {
            throw new InputError({ file: '--id' }, 'say which contract is to be given back');
        }
        const open = chosen(work, await purchases(work), 'bought', 'released');
        for (const each of open) {
            const { day } = dayOf(slotOf(each.deliverySlot), clockOf(work.charter));
            await new Contracts(work.storage.calls).refund(nameOf(each), work.charter, each, day);
        }
        await show(work);
    },
    serve,
};

async function show({ charter, terms, storage: { calls, organisation }, day, options }: Work): Promise<void> {
    const clock = clockOf(charter);
    const local = localDay(day, clock);
    const known = [];
    for (const each of daysHeld(day, terms)) {
        known.push(await new Contracts(calls).of(each));
    }
    const lastSlot = local.first + local.count - 1;
    const state = storageState({ home: organisation.id, day, lastSlot, terms }, known);
    const timeOf = (slot: number): string =>
        `${dayOf(slotOf(slot), clock).day.slice(5)} ${localTime(slotOf(slot), clock)}`;
    print(options.json === true ? encode(state) : storageText(state, charter.rules.currency, timeOf));
}

/** Energy that was taken in on these days may be given out on the last of them. */
function daysHeld(day: string, { holdDays }: StorageTermsRecord): string[] {
    const days = [day];
    for (let held = 0; held < holdDays; held += 1) {
        days.unshift(dayBefore(days[0] ?? day));
    }
    return days;
}

async function purchases({ storage: { calls }, day, terms }: Work): Promise<PurchaseRecord[]> {
    const found: PurchaseRecord[] = [];
    for (const each of daysHeld(day, terms)) {
        found.push(...(await new Contracts(calls).of(each)).purchases);
    }
    return found;
}

/** Those that are named, or all. @throws NotNow where there is none. */
function chosen(
    { options: { id }, day }: Work,
    found: readonly PurchaseRecord[],
    ...statuses: readonly PurchaseRecord['status'][]
): PurchaseRecord[] {
    const wanted = found.filter((each) => statuses.includes(each.status) && (id === undefined || each.id === id));
    if (wanted.length === 0) {
        throw new NotNow(`of ${day} there is no purchase ${id ?? ''} that is ${statuses.join(' or ')}`);
    }
    return wanted;
}

type Deliveries = Parameters<Contracts['release']>[0];

const stated = (
    { storage: { keys } }: Work,
    says: 'released' | 'confirmed',
    of: readonly PurchaseRecord[],
): Promise<Deliveries> =>
    Promise.all(of.map(async (each) => ({ ...nameOf(each), statement: await delivery(keys, each, says) })));

const nameOf = ({ slot, id, version }: PurchaseRecord): { slot: number; id: string; version: number } => ({
    slot,
    id,
    version,
});

interface Alike {
    readonly day: string;
    readonly first: PurchaseRecord;
    readonly purchases: PurchaseRecord[];
}

/** One transaction is of one day of delivery, and of purchases made under one version of the charter. */
function sameDays(charter: Charter, of: readonly PurchaseRecord[]): Alike[] {
    const groups = new Map<string, Alike>();
    for (const each of of) {
        const { day } = dayOf(slotOf(each.deliverySlot), clockOf(charter));
        const name = `${day} ${each.charterVersion}`;
        const group = groups.get(name) ?? { day, first: each, purchases: [] };
        group.purchases.push(each);
        groups.set(name, group);
    }
    return [...groups.values()];
}

/**
 * Answers for the storage until it is ended: the storage system's own chaincode service asks it before its peer endorses what is attested and
 * offered. Writes the organisation's attestation file where there is none.
 */
async function serve(work: Work): Promise<void> {
    const { storage: access, members, options, day } = work;
    const { directory, file } = members.layout.organisation(access.organisation).attestation;
    if (!existsSync(file)) {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        writeFileSync(file, `${JSON.stringify(QUESTIONS, null, 4)}\n`, { mode: 0o600 });
        say(`${file} is written: the chaincode service of ${access.organisation.id} heeds it from its next start`);
    }
    const planned = options.stored === undefined ? await plannedLots(work, members.layout) : [];
    const check = storageCheck(() => (options.stored === undefined ? planned : lotsIn(options.stored)));
    const socket = join(directory, SOCKET);
    const server = await serveAttestation(socket, (question) => {
        const reason = check(question);
        say(`${question.transaction} by ${question.caller}: ${reason ?? 'confirmed'}`);
        return reason;
    });
    say(`the storage of ${access.organisation.id} answers for ${day} at ${socket}`);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    server.close();
}

const SOCKET = 'storage.sock';
const QUESTIONS = {
    service: `unix:${SOCKET}`,
    transactions: ['contracts:offer', 'contracts:attest'],
    limitMs: 2_000,
};

const lotsFile = z.array(
    z.strictObject({
        prosumer: z.string(),
        slot: z.int(),
        id: z.string(),
        energyWh: z.int().positive().transform(BigInt),
        releasableWh: z.int().min(0).transform(BigInt),
    }),
);

/** What the controller of the storage has, as it writes it: read anew for each question, so that what it says last counts. */
function lotsIn(path: string): StoredEnergy[] {
    const lots = lotsFile.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (!lots.success) {
        throw new InputError({ file: path }, lots.error.issues[0]?.message ?? 'is no list of stored energy');
    }
    return lots.data;
}

/** The demonstration's storage has taken in what its day's plan says. */
async function plannedLots({ members, charter, day }: Work, layout: Layout): Promise<StoredEnergy[]> {
    const last = rememberedDay(layout);
    const choice = last?.day === day ? last : { day, forecast: 'perfect' as const };
    const { metered } = meterData(members.topology, choice);
    const { day: expected } = await expectedData(members.topology, choice);
    const { plan } = contractsOfDay(members, { charter, metered, expected, progress: { report: () => undefined } });
    return plan.map(({ id, seller, storedAt, takenWh, deliveredWh }) => ({
        id,
        slot: metered.firstSlot + storedAt,
        prosumer: seller,
        energyWh: takenWh,
        releasableWh: deliveredWh,
    }));
}

function say(text: string): void {
    process.stderr.write(`${text}\n`);
}
