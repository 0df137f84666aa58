import { Options } from '@hyperledger/fabric-protos/lib/orderer/smartbft/configuration_pb';
import { BinaryReader, BinaryWriter } from 'google-protobuf';
import { z } from 'zod';
import { FormatError } from '../errors';
import { concat, decode, sameBytes } from '../wire';
import type { Address } from './definition';

/** What a seat's engine is known by to the other engines. */
export interface SeatEngine extends Address {
    /** Ed25519, 32 bytes: votes are signed with it. */
    readonly publicKey: Uint8Array;
    /** Name of the engine's node in its own network. */
    readonly nodeId: string;
}

/** A seat's vote, and where the other seats reach it. */
export interface SeatPower {
    readonly mspId: string;
    readonly power: bigint;
    /** Where it takes the other seats' signatures. */
    readonly cluster?: Address;
    readonly engine?: SeatEngine;
}

export interface SeatPowers {
    /** In the order of the consenter mapping. */
    readonly seats: readonly SeatPower[];
    /** Number of the ledger block that the powers were worked out from, when they come from an election. */
    readonly basis?: number;
}

/**
 * Field of our own behind those of SmartBFT's options in `ConsensusType.metadata`: peers do not look there, and Fabric's tools skip a
 * field that they do not know.
 */
const POWERS_FIELD = 1000;

const address = z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65_535) });
const onFile = z.strictObject({
    seats: z
        .array(
            z.strictObject({
                mspId: z.string().min(1),
                power: z.string().regex(/^(0|[1-9]\d{0,18})$/),
                cluster: address.optional(),
                engine: z
                    .strictObject({ publicKey: z.base64().length(44), nodeId: z.string().regex(/^[0-9a-f]{40}$/) })
                    .extend(address.shape)
                    .optional(),
            }),
        )
        .min(1),
    basis: z
        .string()
        .regex(/^(0|[1-9]\d{0,14})$/)
        .optional(),
});

/** The metadata with these powers in the place of those they may have. Equal powers give equal bytes. */
export function withSeatPowers(metadata: Uint8Array, powers: SeatPowers): Uint8Array {
    const options = decode(Options, metadata, 'metadata of the ordering').serializeBinary();
    const writer = new BinaryWriter();
    writer.writeBytes(POWERS_FIELD, Buffer.from(JSON.stringify(toFile(powers)), 'utf8'));
    return concat(options, writer.getResultBuffer());
}

/**
 * The powers in the metadata of a channel's ordering; undefined where there are none, as in channels of Fabric's orderers and in those
 * made before powers stood there. Throws FormatError for any but the canonical bytes.
 */
export function seatPowers(metadata: Uint8Array): SeatPowers | undefined {
    const fields = powersFields(metadata);
    const [json] = fields;
    if (json === undefined) return undefined;
    const powers = fromFile(json);
    if (!sameBytes(withSeatPowers(metadata, powers), metadata)) {
        throw new FormatError('the powers of the ordering seats are not in their canonical encoding');
    }
    return powers;
}

function powersFields(metadata: Uint8Array): Uint8Array[] {
    try {
        const reader = new BinaryReader(metadata);
        const found: Uint8Array[] = [];
        while (reader.nextField() && !reader.isEndGroup()) {
            if (reader.getFieldNumber() === POWERS_FIELD) {
                found.push(reader.readBytes());
            } else {
                reader.skipField();
            }
        }
        return found;
    } catch (error) {
        throw new FormatError(
            `the metadata of the ordering cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        );
    }
}

function toFile({ seats, basis }: SeatPowers): z.infer<typeof onFile> {
    return {
        seats: seats.map(({ mspId, power, cluster, engine }) => ({
            mspId,
            power: power.toString(),
            ...(cluster === undefined ? {} : { cluster: { host: cluster.host, port: cluster.port } }),
            ...(engine === undefined
                ? {}
                : {
                      engine: {
                          publicKey: Buffer.from(engine.publicKey).toString('base64'),
                          nodeId: engine.nodeId,
                          host: engine.host,
                          port: engine.port,
                      },
                  }),
        })),
        ...(basis === undefined ? {} : { basis: basis.toString() }),
    };
}

function fromFile(json: Uint8Array): SeatPowers {
    const { seats, basis } = parsed(json);
    return {
        seats: seats.map(({ mspId, power, cluster, engine }) => ({
            mspId,
            power: BigInt(power),
            ...(cluster === undefined ? {} : { cluster }),
            ...(engine === undefined
                ? {}
                : { engine: { ...engine, publicKey: Uint8Array.from(Buffer.from(engine.publicKey, 'base64')) } }),
        })),
        ...(basis === undefined ? {} : { basis: Number(basis) }),
    };
}

function parsed(json: Uint8Array): z.infer<typeof onFile> {
    try {
        return onFile.parse(JSON.parse(Buffer.from(json).toString('utf8')));
    } catch (error) {
        const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : String(error);
        throw new FormatError(`the powers of the ordering seats cannot be read: ${why}`);
    }
}
