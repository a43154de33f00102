/** The descriptors of the product, as reflection would bring them. */
import {
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
  fromBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { descriptorSet } from '@connections/proto-utils/descriptors';

export const registry: FileRegistry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, Buffer.from(descriptorSet, 'base64')),
);

export function message(name: string): DescMessage {
  const found = registry.getMessage(name);
  if (!found) throw new Error(`there is no message ${name}`);
  return found;
}

export const methods: readonly DescMethod[] = [...registry].flatMap((type) =>
  type.kind === 'service' ? type.methods : [],
);
