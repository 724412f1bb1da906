import { Module } from '@nestjs/common';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { PasswordController } from './password.controller.js';

@Module({
  controllers: [AccountsController, PasswordController],
  providers: [AccountsService],
})
export class AccountsModule {}
