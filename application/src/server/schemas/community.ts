import { appointment } from '@commonwatt/chaincode/api/records';
import { count, day, mspId, natural, note, slot } from '@commonwatt/chaincode/api/wire';
import { z } from 'zod';

export const communityMember = z.strictObject({
    mspId,
    /** What people call it: H3. Its MSP id where this machine knows no other name. */
    name: z.string().max(200),
    isOwn: z.boolean(),
    status: z.enum(['active', 'suspended', 'left']),
    /** Has a generator. */
    prosumer: z.boolean(),
    /** Share of the newest epoch's weights, parts per million; null where none are fixed. */
    weightPpm: natural.nullable(),
    /** What the weight is made of; null with it. */
    stake: z.strictObject({ energyTokens: natural, age: count, reputation: natural }).nullable(),
});
export type CommunityMember = z.input<typeof communityMember>;

const seats = z.array(z.strictObject({ mspId, name: z.string().max(200), weight: natural })).max(7);
export const servingCommittee = z.strictObject({
    fromSlot: slot,
    electedIn: day.nullable(),
    seats,
    quorum: appointment.shape.quorum,
});

export const producer = z.strictObject({ mspId, name: z.string().max(200), blocks: count, power: natural });
export const peerHeight = z.strictObject({
    mspId,
    name: z.string().max(200),
    /** How many blocks its peer has; null where it did not answer. */
    height: count.nullable(),
});

export const community = z.strictObject({
    name: note,
    members: z.array(communityMember).max(1_000),
    epoch: day.nullable(),
    committee: servingCommittee.nullable(),
    next: servingCommittee.nullable(),
    /** Of the last blocks. */
    producers: z.strictObject({ from: count, to: count, by: z.array(producer).max(1_000) }),
    peers: z.array(peerHeight).max(1_000),
});
export type Community = z.input<typeof community>;
