import { common, orderer } from '@hyperledger/fabric-protos';

import { blockSignatureSet } from '../../fabric/blocks';
import type { Bundle } from '../../fabric/channel-config';
import { signedEnvelope } from '../../fabric/envelopes';
import type { SigningIdentity } from '../../fabric/signing';
import { certificateHash } from '../../transport/client-certificates';
import { secureChannel, type ClientCertificate } from '../secure-channel';
import type { Node } from './gateway/remote-nodes';

const ANSWER_LIMIT_MS = 5_000;

function specified(number: number): orderer.SeekPosition {
    const position = new orderer.SeekPosition();
    const block = new orderer.SeekSpecified();
    block.setNumber(number);
    position.setSpecified(block);
    return position;
}

/** Who asks an orderer for blocks. */
export interface BlockReader {
    readonly identity: SigningIdentity;
    /** Set where orderers ask for a TLS certificate: the request is then bound to it, as Fabric's peers bind theirs. */
    readonly tls?: ClientCertificate | undefined;
}

export function seekEnvelope(channelId: string, seek: Uint8Array, { identity, tls }: BlockReader): common.Envelope {
    const bound = tls ? certificateHash(tls.certificatePem) : undefined;
    return signedEnvelope(common.HeaderType.DELIVER_SEEK_INFO, channelId, seek, identity, bound);
}

/** Asks for every block from this height on, those that are still to come too. */
export function seekFrom(height: number): Uint8Array {
    const seek = new orderer.SeekInfo();
    seek.setStart(specified(height));
    seek.setStop(specified(Number.MAX_SAFE_INTEGER));
    seek.setBehavior(orderer.SeekInfo.SeekBehavior.BLOCK_UNTIL_READY);
    return seek.serializeBinary();
}

function seekHeader(number: number): Uint8Array {
    const seek = new orderer.SeekInfo();
    seek.setStart(specified(number));
    seek.setStop(specified(number));
    seek.setBehavior(orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY);
    seek.setContentType(orderer.SeekInfo.SeekContentType.HEADER_WITH_SIG);
    return seek.serializeBinary();
}

function isSigned(header: common.Block, bundle: Bundle): boolean {
    const policy = bundle.policies.find('/Channel/Orderer/BlockValidation');
    return policy?.evaluate(blockSignatureSet(header, bundle.consenters)) ?? false;
}

/**
 * Whether an orderer can show that the channel has a block of this number: its header with signatures that satisfy the channel's
 * policy, so that nobody is led away from an honest source by a claim. An orderer that does not answer shows nothing.
 */
export async function showsBlock(
    { address, roots }: Node,
    number: number,
    bundle: Bundle,
    reader: BlockReader,
): Promise<boolean> {
    const secure = secureChannel({ address, roots }, reader.tls);
    const client = new orderer.AtomicBroadcastClient(address, secure.credentials, secure.options);
    const stream = client.deliver({ deadline: Date.now() + ANSWER_LIMIT_MS });
    try {
        stream.write(seekEnvelope(bundle.channelId, seekHeader(number), reader));
        for await (const response of stream as AsyncIterable<orderer.DeliverResponse>) {
            const block = response.getBlock();
            return block?.getHeader()?.getNumber() === number && isSigned(block, bundle);
        }
        return false;
    } catch {
        return false;
    } finally {
        stream.on('error', () => undefined);
        stream.cancel();
        client.close();
    }
}
