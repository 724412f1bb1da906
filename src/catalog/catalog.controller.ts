import { Controller, Get } from '@nestjs/common';
import { type Product, PRODUCTS } from './products.js';

/** Asks for no session, and so costs Redis nothing. */
@Controller('api/products')
export class CatalogController {
  @Get()
  list(): readonly Product[] {
    return PRODUCTS;
  }
}
