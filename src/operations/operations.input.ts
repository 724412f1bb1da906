import { BadRequestException, NotFoundException } from '@nestjs/common';
import { isSku } from '../catalog/products.js';
import { readObject, readText } from '../input.js';

export const PAGE_SIZE = 25;
/** Search gives the first 10,000 hits, page by page. */
const LAST_PAGE = 400;

export function readSku(sku: string): string {
  if (isSku(sku)) return sku;
  throw new NotFoundException('This shop has no such product.');
}

export function readTenant(body: unknown): string {
  return readText(readObject(body), 'tenant');
}

export function readPage(text: unknown = '1'): number {
  const page = typeof text === 'string' && /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (page >= 1 && page <= LAST_PAGE) return page;
  throw new BadRequestException(`"page" must be a whole number from 1 to ${LAST_PAGE}.`);
}
