export { Faults, type TextPosition } from './faults.ts';
export {
  field,
  itemsField,
  joinPath,
  type ListNode,
  type MapEntry,
  type MapNode,
  type Node,
  type ScalarNode,
  textField,
} from './node.ts';
export { type DocumentText, type ParsedDocument, parseDocument, splitDocuments } from './parse-documents.ts';
export { checkKeys, readBoolean, readMap, readText } from './read-fields.ts';
