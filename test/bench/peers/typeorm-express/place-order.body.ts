import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';

export class OrderLine {
  @IsString()
  @MaxLength(64)
  sku: string;

  @IsInt()
  @Min(1)
  @Max(100)
  quantity: number;
}

export class PlaceOrderBody {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => OrderLine)
  items: OrderLine[];

  @IsString()
  @MaxLength(64)
  paymentToken: string;
}
