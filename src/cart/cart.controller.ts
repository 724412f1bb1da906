import { Body, Controller, Delete, HttpCode, Param, Post, Put, UseGuards } from '@nestjs/common';
import { Session, SessionGuard } from 'nestjs-redis-session';
import { withAdded, without, withQuantity } from './cart.js';
import { readCartLine, readQuantity } from './cart.input.js';

@Controller('api/cart')
@UseGuards(SessionGuard)
export class CartController {
  @Post()
  @HttpCode(200)
  add(@Body() body: unknown, @Session() session: Session) {
    const line = readCartLine(body);
    return { cart: session.update('cart', (cart = []) => withAdded(cart, line)) };
  }

  @Put(':sku')
  change(@Param('sku') sku: string, @Body() body: unknown, @Session() session: Session) {
    const quantity = readQuantity(body);
    return { cart: session.update('cart', (cart = []) => withQuantity(cart, { sku, quantity })) };
  }

  @Delete(':sku')
  remove(@Param('sku') sku: string, @Session() session: Session) {
    return { cart: session.update('cart', (cart = []) => without(cart, sku)) };
  }
}
