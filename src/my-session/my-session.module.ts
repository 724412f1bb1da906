import { Module } from '@nestjs/common';
import { MySessionController } from './my-session.controller.js';

@Module({ controllers: [MySessionController] })
export class MySessionModule {}
