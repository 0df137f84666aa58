import { setTimeout as pause } from 'node:timers/promises';
import type { MemberGateway } from '../../gateway/member-gateway';
import type { News } from './news';

const AGAIN_MS = 500;

/** Takes what the own peer announces to the news until the signal; again and again where the peer is away. */
export async function hear(gateway: MemberGateway, chaincode: string, news: News, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
        try {
            await hearOnce(gateway, chaincode, news, signal);
        } catch {
            // The peer is away or starting; whoever asks it something says so.
        }
        await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
}

async function hearOnce(gateway: MemberGateway, chaincode: string, news: News, signal: AbortSignal): Promise<void> {
    const height = await gateway.height();
    const source = await gateway.announcements(chaincode, height);
    const close = (): void => {
        source.close();
    };
    signal.addEventListener('abort', close, { once: true });
    try {
        news.gap(); // What was announced before is not heard of; all that comes after is.
        for await (const event of source) {
            news.hear(event);
        }
    } finally {
        signal.removeEventListener('abort', close);
        source.close();
    }
}
