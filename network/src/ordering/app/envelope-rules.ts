import type { Bundle } from '../../fabric/channel-config';
import type { ParsedEnvelope } from '../../fabric/envelopes';
import type { Refusal } from '../engine/engine';

const WRITERS = '/Channel/Writers';

/** The first check that fails decides; becomes a refusal where the checks are called from. */
export class Refused extends Error {
    constructor(
        readonly status: Refusal['status'],
        message: string,
    ) {
        super(message);
    }
}

export function checkSize({ length }: Uint8Array, { batch: { absoluteMaxBytes: limit } }: Bundle): void {
    if (length > limit) {
        throw new Refused(
            'BAD_REQUEST',
            `message payload is ${length} bytes and exceeds maximum allowed ${limit} bytes`,
        );
    }
}

export function checkChannel({ channelId }: ParsedEnvelope, bundle: Bundle): void {
    if (channelId !== bundle.channelId) {
        throw new Refused('NOT_FOUND', `channel '${channelId}' is not served here, '${bundle.channelId}' is`);
    }
}

export function checkWriter({ creator, payload, signature }: ParsedEnvelope, bundle: Bundle): void {
    if (!bundle.policies.get(WRITERS).evaluate([{ identity: creator, data: payload, signature }])) {
        throw new Refused('FORBIDDEN', `the signature does not satisfy the policy ${WRITERS}: permission denied`);
    }
}
