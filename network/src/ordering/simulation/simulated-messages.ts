import type { common } from '@hyperledger/fabric-protos';
import { parseEnvelope } from '../../fabric/envelopes';
import { sha256 } from '../../fabric/wire';

/**
 * Messages that cost next to nothing: copies of one, each with a transaction id of its own. Nobody could order them who checks what an id is
 * the hash of, or signatures.
 *
 * @returns the message of a number, the same bytes each time.
 */
export function numberedMessages(template: common.Envelope): (number: number) => Uint8Array {
    const bytes = Buffer.from(template.serializeBinary());
    const { txId } = parseEnvelope(bytes);
    const at = bytes.indexOf(txId);
    if (at < 0 || bytes.includes(txId, at + 1)) throw new Error('the template does not say its id exactly once');
    return (number) => {
        const made = Uint8Array.from(bytes);
        made.set(Buffer.from(Buffer.from(sha256(Buffer.from(String(number)))).toString('hex')), at);
        return made;
    };
}
