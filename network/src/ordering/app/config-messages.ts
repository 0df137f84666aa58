import { common } from '@hyperledger/fabric-protos';
import type { Bundle } from '../../fabric/channel-config';
import { acceptedConfig, assertUnambiguousUpdate, configEnvelope, proposedConfig } from '../../fabric/config-update';
import {
    assertCanonicalEnvelope,
    parseEnvelope,
    reMarshalsToSameBytes,
    type ParsedEnvelope,
} from '../../fabric/envelopes';
import { FormatError } from '../../fabric/errors';
import { serializeIdentity, type SigningIdentity } from '../../fabric/signing';
import { decode, isCanonical } from '../../fabric/wire';
import { assertSeats } from './seat-rules';
import { Refused, checkChannel, checkSize, checkWriter } from './envelope-rules';

const { CONFIG, CONFIG_UPDATE } = common.HeaderType;
const BLOCK_VALIDATION = '/Channel/Orderer/BlockValidation';

/** Whether a message changes the channel's configuration: alone in its block, and ordered as what a seat makes of it. */
export function isOfConfiguration({ type }: ParsedEnvelope): boolean {
    return type === CONFIG || type === CONFIG_UPDATE;
}

/**
 * What is ordered in the place of a configuration update: the configuration that it leads to, with the update, signed by a seat. A
 * configuration that somebody else made is made anew from the update in it. Throws Refused, ConfigUpdateRefused, FormatError.
 */
export function configurationOf(message: Uint8Array, present: Bundle, seat: SigningIdentity): Uint8Array {
    const given = parseEnvelope(message);
    const update = given.type === CONFIG ? lastUpdateOf(given) : message;
    checkUpdate(update, present);
    const { config } = proposedConfig(present, update);
    const lastUpdate = common.Envelope.deserializeBinary(update);
    return configEnvelope(present.channelId, config, lastUpdate, seat).serializeBinary();
}

/**
 * The configuration after an ordered one. Throws unless its update is authorised in full and leads to it, and unless the seats can go
 * on under it: a block that they cannot sign as the next configuration asks would be refused by every peer, for ever.
 *
 * @param held identities of all seats, where one process has their keys; otherwise every seat has its own. `sealed` where the block is
 * signed and stored: the seats have changed since, and need not be able to do it again.
 */
export function nextConfiguration(
    envelope: ParsedEnvelope,
    present: Bundle,
    held: readonly Uint8Array[] | 'sealed' | undefined,
): Bundle {
    if (envelope.type !== CONFIG) {
        throw new FormatError('a configuration update is ordered as the configuration that a seat makes of it');
    }
    if (envelope.txId !== '') {
        throw new FormatError('a configuration has no transaction id of its own');
    }
    if (!isCanonical(common.ConfigEnvelope, envelope.data)) {
        throw new FormatError('the configuration is not in its canonical encoding');
    }
    checkUpdate(lastUpdateOf(envelope), present);
    const next = acceptedConfig(present, envelope.data);
    assertSeats(present, next);
    if (held !== 'sealed') assertSealable(present, next, held);
    return next;
}

function assertSealable(present: Bundle, next: Bundle, held: readonly Uint8Array[] | undefined): void {
    if (held !== undefined) assertKeysHeld(present, next, held);
    const seats =
        held?.map((seat) => present.msps.deserialize(seat)) ??
        next.consenters.map(({ mspId, identityPem }) => ({ mspId, certificatePem: identityPem }));
    const signers = seats.flatMap(({ mspId, certificatePem }) => {
        const identity = next.msps.get(mspId)?.ofPem(Buffer.from(certificatePem));
        return identity === undefined ? [] : [identity];
    });
    if (!next.policies.get(BLOCK_VALIDATION).evaluateIdentities(signers)) {
        throw new Refused(
            'BAD_REQUEST',
            `the seats of this ordering service would not satisfy ${BLOCK_VALIDATION} any more, and no peer would take another block`,
        );
    }
}

/** Of seats whose keys are here: a certificate that is named anew must be one of those, or nobody could sign as the configuration says. */
function assertKeysHeld(present: Bundle, next: Bundle, held: readonly Uint8Array[]): void {
    const keys = new Set(held.map((identity) => Buffer.from(identity).toString('latin1')));
    const here = new Set(held.map((identity) => present.msps.deserialize(identity).mspId));
    const before = new Map(present.consenters.map(({ mspId, identityPem }) => [mspId, identityPem]));
    const without = next.consenters.find(
        ({ mspId, identityPem }) =>
            here.has(mspId) &&
            before.get(mspId) !== identityPem &&
            !keys.has(Buffer.from(serializeIdentity(mspId, identityPem)).toString('latin1')),
    );
    if (without !== undefined) {
        throw new Refused(
            'BAD_REQUEST',
            `this ordering service has no key of the certificate of ${without.mspId}'s seat`,
        );
    }
}

function lastUpdateOf({ data }: ParsedEnvelope): Uint8Array {
    const update = decode(common.ConfigEnvelope, data, 'ConfigEnvelope').getLastUpdate();
    if (update === undefined) {
        throw new FormatError('a configuration without the update that led to it');
    }
    return update.serializeBinary();
}

/** What Broadcast asks of every message, of the update itself. */
function checkUpdate(bytes: Uint8Array, present: Bundle): void {
    checkSize(bytes, present);
    if (!reMarshalsToSameBytes(bytes)) {
        throw new FormatError('the update does not re-marshal to the same bytes');
    }
    assertCanonicalEnvelope(bytes);
    const update = parseEnvelope(bytes);
    checkChannel(update, present);
    checkWriter(update, present);
    assertUnambiguousUpdate(bytes);
}
