import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { notFound } from './guard/failures';

const YEAR_SECONDS = 31_536_000;
/** What the pages are made of, besides `assets`. */
const FILES = ['manifest.webmanifest', 'icon.svg'];
/** Where pages are; the browser draws them, so that each is the same file. */
const PAGES = [
    '/',
    '/login',
    '/now',
    '/money',
    '/bills',
    '/bills/:id',
    '/market',
    '/market/:slot',
    '/community',
    '/explorer',
    '/explorer/blocks/:number',
    '/explorer/transactions/:id',
    '/agent',
];

/** The pages, as `npm run build` made them. Nothing is read that these lists do not name, so no path leads out of the folder. */
export async function addStaticFiles(app: FastifyInstance, pages: string | undefined): Promise<void> {
    const config = { access: 'anybody' } as const;
    const options = { config, schema: { hide: true } };
    if (pages === undefined || !existsSync(join(pages, 'index.html'))) {
        app.get('/', options, (_, reply) =>
            reply
                .type('text/plain; charset=utf-8')
                .send('The pages are not built: `npm run build` does that. The interface is at /api/v1.\n'),
        );
        return;
    }
    await app.register(fastifyStatic, { root: pages, serve: false, preCompressed: true, index: false });
    const index = (_: unknown, reply: FastifyReply): FastifyReply => {
        void reply.header('cache-control', 'no-cache');
        return reply.sendFile('index.html', { cacheControl: false });
    };
    for (const url of PAGES) {
        app.get(url, options, index);
    }
    for (const file of FILES) {
        app.get(`/${file}`, options, (_, reply) => {
            void reply.header('cache-control', 'no-cache');
            return reply.sendFile(file, { cacheControl: false });
        });
    }
    app.get<{ Params: { file: string } }>('/assets/:file', options, ({ params: { file } }, reply) => {
        if (!/^[\w-][\w.-]*$/.test(file)) {
            throw notFound('such file');
        }
        void reply.header('cache-control', `public, max-age=${YEAR_SECONDS}, immutable`);
        return reply.sendFile(join('assets', file), { cacheControl: false });
    });
}
