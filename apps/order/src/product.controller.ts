import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Page, type PageQuery, type ProductView, pageQuery, productView } from '#libs/contracts';
import { FindProduct } from './find-product.js';
import { problemAnswer, productPage } from './order.schemas.js';

/** What is for sale. Needs no token. */
@ApiTags('products')
@Controller('products')
export class ProductController {
  constructor(private readonly findProduct: FindProduct) {}

  @Get()
  @ApiOperation({ summary: 'All products, by SKU', description: '`available` is at most 1 s old.' })
  @ApiResponse({ status: 200, description: 'A page', standardSchema: productPage })
  @ApiResponse(problemAnswer(400, 'Malformed `limit` or `after`'))
  page(@Query({ schema: pageQuery }) query: PageQuery): Promise<Page<ProductView>> {
    return this.findProduct.page(query);
  }

  @Get(':sku')
  @ApiOperation({ summary: 'One product' })
  @ApiResponse({ status: 200, description: 'The product', standardSchema: productView })
  @ApiResponse(problemAnswer(404, '`unknown-sku`'))
  one(@Param('sku') sku: string): Promise<ProductView> {
    return this.findProduct.one(sku);
  }
}
