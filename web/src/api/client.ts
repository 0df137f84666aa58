/** What the server says instead of an answer. */
export class ApiError extends Error {
    override readonly name = 'ApiError';
    readonly status: number;
    readonly code: string;

    constructor(status: number, code: string, message: string) {
        super(message);
        this.status = status;
        this.code = code;
    }
}

const BASE = '/api/v1';

/**
 * Ask the server. The session's cookie goes along by itself; what changes something carries the session's token besides, which no other page can know.
 *
 * @throws ApiError where the server refuses; TypeError where it cannot be reached.
 */
export async function call<T>(method: string, path: string, { body, csrfToken, signal }: CallOptions = {}): Promise<T> {
    const response = await fetch(`${BASE}/${path}`, {
        method,
        credentials: 'same-origin',
        headers: {
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(csrfToken === undefined ? {} : { 'x-csrf-token': csrfToken }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
    });
    if (!response.ok) {
        throw await refusal(response);
    }
    return (response.status === 204 ? undefined : await response.json()) as T;
}

interface CallOptions {
    readonly body?: unknown;
    readonly csrfToken?: string;
    readonly signal?: AbortSignal;
}

async function refusal(response: Response): Promise<ApiError> {
    try {
        const { code, message } = (await response.json()) as { code?: unknown; message?: unknown };
        return new ApiError(response.status, String(code), String(message));
    } catch {
        return new ApiError(response.status, `HTTP_${response.status}`, response.statusText);
    }
}
