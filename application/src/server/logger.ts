import pino, { type DestinationStream, type Logger } from 'pino';

/** What may stand in something that is logged and must not: cookies and tokens are as good as a password. */
const SECRET = [
    'req.headers.cookie',
    'req.headers.authorization',
    'req.headers["x-csrf-token"]',
    'res.headers["set-cookie"]',
    '*.password',
    '*.code',
    '*.token',
    '*.csrfToken',
    '*.cookie',
    'password',
    'token',
    'csrfToken',
];

/** Lines of JSON. Requests are logged by their route and never with what they carry; should anything do so all the same, it is left out here. */
export function serverLogger(destination: DestinationStream, level = 'info'): Logger {
    return pino({ level, base: null, redact: { paths: SECRET, censor: '[secret]' } }, destination);
}
