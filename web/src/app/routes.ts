/** The pages, by their paths. Segments that begin with a colon name a part. */
export const ROUTES = {
    now: '/now',
    money: '/money',
    bills: '/bills',
    bill: '/bills/:id',
    market: '/market',
    round: '/market/:slot',
    agent: '/agent',
    community: '/community',
    explorer: '/explorer',
    block: '/explorer/blocks/:number',
    transaction: '/explorer/transactions/:id',
} as const;

export type PageName = keyof typeof ROUTES;

export interface Place {
    readonly page: PageName;
    readonly parts: Readonly<Record<string, string>>;
    readonly query: URLSearchParams;
}

/** Where a path leads; undefined where it leads nowhere. */
export function placeOf(path: string, search = ''): Place | undefined {
    const wanted = path === '/' ? ROUTES.now : path;
    for (const [page, pattern] of Object.entries(ROUTES)) {
        const parts = matched(pattern, wanted);
        if (parts !== undefined) {
            return { page: page as PageName, parts, query: new URLSearchParams(search) };
        }
    }
    return undefined;
}

function matched(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
    const [expected, given] = [pattern.split('/'), path.split('/')];
    const fits =
        expected.length === given.length &&
        expected.every((part, index) => (part.startsWith(':') ? given[index] !== '' : part === given[index]));
    return fits
        ? Object.fromEntries(
              expected.flatMap((part, index) =>
                  part.startsWith(':') ? [[part.slice(1), decoded(given[index] ?? '')]] : [],
              ),
          )
        : undefined;
}

/** What is not well-formed stands for itself: there is nothing of that name. */
function decoded(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}

/** The path of a page with its parts. */
export const pathTo = (page: PageName, parts: Readonly<Record<string, string | number>> = {}): string =>
    ROUTES[page].replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(parts[name] ?? '')));
