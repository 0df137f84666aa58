import { X509Certificate } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { configuredSeats, seatPolicy, type Bundle, type ConfiguredSeat } from '../../fabric/channel-config';
import { FormatError, MspError } from '../../fabric/errors';
import type { Identity } from '../../fabric/msp';
import { sameBytes } from '../../fabric/wire';
import { Refused } from './envelope-rules';

/** Begins the message of a refusal; never renamed, never used again for something else. */
export type SeatRefusal =
    | 'SEATS_UNREADABLE'
    | 'SEATS_MISSING'
    | 'TOO_MANY_SEATS'
    | 'NO_POWER'
    | 'TOO_MUCH_POWER'
    | 'A_THIRD_OF_THE_POWER'
    | 'UNKNOWN_SEAT'
    | 'SEAT_NOT_EQUIPPED'
    | 'NOT_THE_COALITIONS'
    | 'CHANGED_OTHERWISE';

/** An election gives no more; the coalitions of more would make configurations long. */
const MOST_SEATS = 7;
/** From so many seats on, none may stop the ordering alone. */
const SEATS_THAT_ARE_CAPPED = 4;
/** CometBFT's limit of the sum, MaxInt64 / 8. */
const MOST_POWER = (2n ** 63n - 1n) / 8n;

/** What only a coalition of the stake changes: each names this policy of the Orderer group, which is one of the coalitions. */
const STAKE_POLICY = 'Admins';
const POLICIES = [
    ['BlockValidation', 'orderer'],
    [STAKE_POLICY, 'admin'],
] as const;
const VALUES = ['ConsensusType', 'Orderers'] as const;

function refuse(code: SeatRefusal, why: string): never {
    throw new Refused('BAD_REQUEST', `${code}: ${why}`);
}

/**
 * Throws Refused unless the ordering can go on with the seats of the next configuration. Powers, engine keys, consenter mapping,
 * organisations and both policies say the same or nothing changes; each seat has power, less than a third of it where there are four or
 * more; what may change all this stays the coalitions of more than two thirds of the power.
 *
 * Channels without powers in their configuration stay as they were until an update brings some.
 */
export function assertSeats(present: Bundle, next: Bundle): void {
    const before = seatsOf(present);
    const after = seatsOf(next);
    if (after === undefined) {
        if (before !== undefined) refuse('SEATS_MISSING', 'the configuration has no powers of seats any more');
        return;
    }
    assertPowers(before, after);
    assertKnown(next, after);
    assertEngines(before, after);
    assertPolicies(next, after);
}

function seatsOf(bundle: Bundle): readonly ConfiguredSeat[] | undefined {
    try {
        return configuredSeats(bundle);
    } catch (error) {
        if (error instanceof FormatError) return refuse('SEATS_UNREADABLE', error.message);
        throw error;
    }
}

function assertPowers(before: readonly ConfiguredSeat[] | undefined, after: readonly ConfiguredSeat[]): void {
    const total = after.reduce((sum, { power }) => sum + power, 0n);
    if (total === 0n) refuse('NO_POWER', 'the powers sum to zero');
    const without = after.find(({ power }) => power === 0n);
    if (without !== undefined) refuse('NO_POWER', `${without.mspId} has a seat without power`);
    if (total > MOST_POWER) refuse('TOO_MUCH_POWER', `the powers sum to ${total}, at most to ${MOST_POWER}`);
    if (before !== undefined && powersOf(before) === powersOf(after)) return;
    if (after.length > MOST_SEATS) refuse('TOO_MANY_SEATS', `${after.length} seats, at most ${MOST_SEATS}`);
    const heavy = after.find(({ power }) => power * 3n >= total);
    if (after.length >= SEATS_THAT_ARE_CAPPED && heavy !== undefined) {
        refuse('A_THIRD_OF_THE_POWER', `${heavy.mspId} would have ${heavy.power} of ${total}, a third or more`);
    }
}

const powersOf = (seats: readonly ConfiguredSeat[]): string =>
    seats.map(({ mspId, power }) => `${mspId} ${power}`).join();

/** A seat is an organisation among the orderers with an orderer of its own, and the other way round. */
function assertKnown(next: Bundle, seats: readonly ConfiguredSeat[]): void {
    const ids = new Set(seats.map(({ mspId }) => mspId));
    if (ids.size < seats.length) refuse('UNKNOWN_SEAT', 'an organisation has two seats');
    const organisations = new Set(next.ordererEndpoints.map(({ mspId }) => mspId));
    const surplus = [...organisations].find((mspId) => !ids.has(mspId));
    if (surplus !== undefined) refuse('UNKNOWN_SEAT', `${surplus} is among the orderers and has no seat`);
    for (const { mspId, consenter } of seats) {
        if (!organisations.has(mspId)) {
            refuse('UNKNOWN_SEAT', `${mspId} has a seat and is not among the orderers`);
        }
        assertOrderer(next, mspId, consenter.identityPem);
        assertCertificates(mspId, [consenter.serverTlsPem, consenter.clientTlsPem]);
    }
}

function assertOrderer(next: Bundle, mspId: string, pem: string): void {
    const found = ordererOf(next, mspId, pem);
    if (typeof found === 'string')
        refuse('UNKNOWN_SEAT', `the certificate of ${mspId}'s seat is no orderer's: ${found}`);
}

/** The identity of a seat's certificate, or why it is none. */
function ordererOf(next: Bundle, mspId: string, pem: string): Identity | string {
    try {
        const identity = next.msps.get(mspId)?.ofPem(Buffer.from(pem));
        if (identity === undefined) return `${mspId} is not on the channel`;
        return identity.refusal ?? (identity.role === 'orderer' ? identity : `its role is ${identity.role ?? 'none'}`);
    } catch (error) {
        if (error instanceof MspError || error instanceof FormatError) return error.message;
        throw error;
    }
}

function assertCertificates(mspId: string, pems: readonly string[]): void {
    for (const pem of pems) {
        try {
            new X509Certificate(pem);
        } catch {
            refuse('SEAT_NOT_EQUIPPED', `a TLS certificate of ${mspId}'s seat cannot be read`);
        }
    }
}

/** Either every seat has an engine with a key of its own and an address for signatures, or one process holds them all. */
function assertEngines(before: readonly ConfiguredSeat[] | undefined, after: readonly ConfiguredSeat[]): void {
    const isEngineLess = ({ engine }: ConfiguredSeat): boolean => engine === undefined;
    const wasEngineLess = before?.every(isEngineLess) ?? true;
    if (wasEngineLess) {
        const equipped = after.find((seat) => !isEngineLess(seat));
        if (equipped !== undefined) refuse('SEAT_NOT_EQUIPPED', `${equipped.mspId} has an engine and the others none`);
        return;
    }
    const missing = after.find(({ engine, cluster }) => engine === undefined || cluster === undefined);
    if (missing !== undefined)
        refuse('SEAT_NOT_EQUIPPED', `${missing.mspId} has no engine or no address for signatures`);
    const keys = after.map(({ engine }) => Buffer.from(engine?.publicKey ?? []).toString('hex'));
    if (new Set(keys).size < keys.length) refuse('SEAT_NOT_EQUIPPED', 'two seats have the same engine key');
}

function assertPolicies(next: Bundle, seats: readonly ConfiguredSeat[]): void {
    const ordering = next.config.getChannelGroup()?.getGroupsMap().get('Orderer') ?? new common.ConfigGroup();
    assertChangedByStake('the Orderer group', ordering);
    for (const name of VALUES) assertChangedByStake(name, ordering.getValuesMap().get(name));
    const weights = seats.map(({ mspId, power }) => ({ mspId, weight: power }));
    for (const [name, role] of POLICIES) {
        const configured = ordering.getPoliciesMap().get(name);
        assertChangedByStake(name, configured);
        const policy = configured?.getPolicy() ?? new common.Policy();
        const isCoalitions =
            policy.getType() === common.Policy.PolicyType.SIGNATURE &&
            sameBytes(policy.getValue_asU8(), seatPolicy(weights, role).serializeBinary());
        if (!isCoalitions) {
            refuse('NOT_THE_COALITIONS', `${name} is not the coalitions of more than two thirds of the powers`);
        }
    }
}

function assertChangedByStake(name: string, element: { getModPolicy(): string } | undefined): void {
    if (element?.getModPolicy() !== STAKE_POLICY)
        refuse('CHANGED_OTHERWISE', `${name} would not be changed by ${STAKE_POLICY}`);
}
