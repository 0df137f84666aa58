import { expect, it } from '@jest/globals';
import { News } from './news';

const ENOUGH_MS = 10_000;
const closed = (slot: number) => ({ type: 'RoundClosed' as const, day: '2025-04-17', slot, count: 3 });

it('who waits for a topic is woken by it, and by nothing else', async () => {
    const news = new News();
    const mark = news.mark(['rounds']);
    news.hear({ type: 'DayClosed', day: '2025-04-17' });
    expect(news.mark(['rounds'])).toBe(mark);
    const woken = news.until(['rounds'], mark, ENOUGH_MS);
    news.hear(closed(7));
    expect(await woken).toBe(true);
});

it('what was announced since the mark is not waited for again', async () => {
    const news = new News();
    const mark = news.mark(['rounds']);
    news.hear(closed(7));
    expect(await news.until(['rounds'], mark, ENOUGH_MS)).toBe(true);
});

it('after a gap everything counts as new', async () => {
    const news = new News();
    const mark = news.mark(['stake']);
    news.gap();
    expect(await news.until(['stake'], mark, ENOUGH_MS)).toBe(true);
});

it('nothing new, or the end, ends the waiting', async () => {
    const news = new News();
    const mark = news.mark(['rounds']);
    expect(await news.until(['rounds'], mark, 1)).toBe(false);
    expect(await news.until(['rounds'], mark, ENOUGH_MS, AbortSignal.abort())).toBe(false);
});

it('listeners hear every announcement', () => {
    const news = new News();
    const heard: string[] = [];
    news.listen(({ type }) => {
        heard.push(type);
    });
    news.hear(closed(7));
    news.hear({ type: 'DayClosed', day: '2025-04-17' });
    expect(heard).toEqual(['RoundClosed', 'DayClosed']);
});
