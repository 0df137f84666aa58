import type { Network } from '@hyperledger/fabric-gateway';
import { EVENTS, type MarketEvent } from '@commonwatt/chaincode/api/events';
import { z } from 'zod';

/** What transactions of a chaincode announce, one block after the other, as a peer hears of it. Close it. */
export interface Announcements extends AsyncIterable<MarketEvent> {
    close(): void;
}

const envelope = z.object({ events: z.array(z.looseObject({ type: z.string() })) });

const isKnown = (type: string): type is keyof typeof EVENTS => Object.hasOwn(EVENTS, type);

/** From a block on. Types that a newer chaincode may have are passed over. */
export async function announcements(network: Network, chaincode: string, from: number): Promise<Announcements> {
    const source = await network.getChaincodeEvents(chaincode, { startBlock: BigInt(from) });
    const plain = async function* (): AsyncGenerator<MarketEvent> {
        for await (const { payload } of source) {
            yield* announcedIn(Buffer.from(payload).toString());
        }
    };
    return {
        [Symbol.asyncIterator]: plain,
        close: () => {
            source.close();
        },
    };
}

function announcedIn(text: string): MarketEvent[] {
    return envelope.parse(JSON.parse(text)).events.flatMap((each) => {
        const { type } = each;
        return isKnown(type) ? [EVENTS[type].schema.parse(each)] : [];
    });
}
