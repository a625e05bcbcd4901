// The names of module onnx that the converter speaks in: what it reads is bytes, what it makes is a
// model.
#pragma once

#include "onnx/byte_source.h"
#include "onnx/onnx_model.h"
#include "onnx/onnx_reader.h"
#include "onnx/onnx_writer.h"

namespace gpen::converter {

using onnx::Attribute;
using onnx::ByteSink;
using onnx::ByteSource;
using onnx::BytesPerValue;
using onnx::DataType;
using onnx::ElementCount;
using onnx::FloatValues;
using onnx::FromMemory;
using onnx::Function;
using onnx::Initializer;
using onnx::IntegerValues;
using onnx::ModelBytes;
using onnx::Node;
using onnx::OnnxModel;
using onnx::OpenFile;
using onnx::ReadFloatValues;
using onnx::ReadModel;
using onnx::Shape;
using onnx::TensorDeclaration;
using onnx::WriteModel;

}  // namespace gpen::converter
