//===- Caller.cpp - the base class of fuser.Function ----------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same shared library is a module of tvm-ffi (Core.cpp) and one of Python,
// which has the class Caller. Calling an instance with tensors of PyTorch and
// numbers goes straight to the C interface, without objects between: half the
// time of a packed function. All else is left to the method `_call`.
//
//===----------------------------------------------------------------------===//

// What the stable interface of Python 3.11 has.
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include "Callee.h"

#include <algorithm>
#include <new>

using namespace fuser::python;

namespace {

struct Caller {
  PyObject_HEAD;
  std::shared_ptr<Callee> callee;
};

/// What use_torch gave.
struct Torch {
  PyTypeObject *tensor = nullptr;
  PyTypeObject *parameter = nullptr;
  /// The method Tensor.is_neg.
  PyObject *isNeg = nullptr;
  const DLPackExchangeAPI *api = nullptr;
};

/// The arguments of a call, as long as they are few.
struct Arguments {
  static constexpr size_t kMost = 12;
  fuser_value values[kMost];
  DLTensor tensors[kMost];
  bool haveTensor = false;
  /// Of the tensors together.
  int64_t elements = 0;
  /// Whether no tensor may be broadcast but those of one element.
  bool haveOneShape = true;
  /// The first tensor of several elements.
  const DLTensor *first = nullptr;
  /// Where the tensors are.
  DLDevice device{kDLCPU, 0};
};

/// A call on so many elements takes a few microseconds.
constexpr int64_t kFewElements = 4096;

Torch torch;
/// Classes by fuser_code; use_errors gave them.
PyObject *errorClasses[FUSER_INTERNAL + 1];
PyObject *callName;

} // namespace

static Caller *callerOf(PyObject *self) {
  return reinterpret_cast<Caller *>(self);
}

/// Takes `error`.
static void raise(fuser_error *error) {
  PyErr_SetString(errorClasses[fuser_error_code(error)],
                  fuser_error_message(error));
  fuser_error_free(error);
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

static void addShape(Arguments &arguments, const DLTensor &tensor) {
  if (!arguments.first)
    arguments.first = &tensor;
  const DLTensor &first = *arguments.first;
  arguments.haveOneShape &=
      first.ndim == tensor.ndim &&
      std::equal(first.shape, first.shape + first.ndim, tensor.shape);
}

/// Whether `tensor`, of PyTorch, is what its memory holds. No error is left.
static bool setTensor(Arguments &arguments, size_t index, PyObject *tensor) {
  // DLPack can't say that elements are to be negated.
  PyObject *isNeg = PyObject_CallFunctionObjArgs(torch.isNeg, tensor, nullptr);
  const bool fits =
      isNeg == Py_False && torch.api->dltensor_from_py_object_no_sync(
                               tensor, &arguments.tensors[index]) == 0;
  Py_XDECREF(isNeg);
  if (!fits) {
    PyErr_Clear();
    return false;
  }
  arguments.values[index].kind = FUSER_TENSOR;
  arguments.values[index].as.tensor = &arguments.tensors[index];
  arguments.haveTensor = true;
  arguments.device = arguments.tensors[index].device;
  int64_t elements = 1;
  for (int32_t i = 0; i < arguments.tensors[index].ndim; ++i)
    elements *= arguments.tensors[index].shape[i];
  arguments.elements += elements;
  if (elements > 1)
    addShape(arguments, arguments.tensors[index]);
  return true;
}

static bool setInteger(fuser_value &value, PyObject *number, fuser_kind kind) {
  const long long integer = PyLong_AsLongLong(number);
  if (integer == -1 && PyErr_Occurred()) {
    PyErr_Clear();
    return false;
  }
  if (kind == FUSER_BOOL && PyBool_Check(number)) {
    value.kind = FUSER_BOOL;
    value.as.boolean = integer != 0;
    return true;
  }
  value.kind = FUSER_I64;
  value.as.i64 = integer;
  return true;
}

/// Whether `object` is a plain tensor of PyTorch or a number of Python.
static bool setArgument(Arguments &arguments, size_t index, PyObject *object,
                        fuser_kind kind) {
  PyTypeObject *type = Py_TYPE(object);
  if (type == torch.tensor || type == torch.parameter)
    return setTensor(arguments, index, object);
  if (type == &PyFloat_Type) {
    arguments.values[index].kind = FUSER_F64;
    arguments.values[index].as.f64 = PyFloat_AsDouble(object);
    return true;
  }
  if (type == &PyLong_Type || type == &PyBool_Type)
    return setInteger(arguments.values[index], object, kind);
  return false;
}

static bool setArguments(Arguments &arguments, const Callee &callee,
                         PyObject *args) {
  const size_t count = callee.kinds.size();
  if (!torch.api || count > Arguments::kMost ||
      static_cast<size_t>(PyTuple_Size(args)) != count)
    return false;
  for (size_t i = 0; i < count; ++i)
    if (!setArgument(arguments, i, PyTuple_GetItem(args, i), callee.kinds[i]))
      return false;
  return arguments.haveTensor;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

static void deleteVersioned(DLManagedTensorVersioned *self) {
  auto *managed = static_cast<DLManagedTensor *>(self->manager_ctx);
  managed->deleter(managed);
  delete self;
}

/// A tensor of PyTorch, which takes `managed`.
static PyObject *toTorch(DLManagedTensor *managed) {
  auto *versioned = new DLManagedTensorVersioned();
  versioned->version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
  versioned->manager_ctx = managed;
  versioned->deleter = deleteVersioned;
  versioned->dl_tensor = managed->dl_tensor;
  void *object = nullptr;
  if (torch.api->managed_tensor_to_py_object_no_sync(versioned, &object))
    return nullptr;
  return static_cast<PyObject *>(object);
}

/// Takes all of `managed`.
static PyObject *toTuple(DLManagedTensor **managed, size_t count) {
  PyObject *tuple = PyTuple_New(static_cast<Py_ssize_t>(count));
  for (size_t i = 0; i < count; ++i) {
    PyObject *tensor = tuple ? toTorch(managed[i]) : nullptr;
    if (tensor) {
      PyTuple_SetItem(tuple, static_cast<Py_ssize_t>(i), tensor);
      continue;
    }
    if (!tuple)
      managed[i]->deleter(managed[i]);
    Py_XDECREF(tuple);
    tuple = nullptr;
  }
  return tuple;
}

//===----------------------------------------------------------------------===//
// The class
//===----------------------------------------------------------------------===//

/// Whether a call takes no longer than to let other threads of Python go on:
/// there is little to compute, and calls like it have made the kernel.
static bool isShort(const Callee &callee, const Arguments &arguments) {
  constexpr int kEnough = 8;
  if (arguments.elements > kFewElements || !arguments.haveOneShape)
    return false;
  if (callee.lastElements.exchange(arguments.elements) != arguments.elements)
    callee.repeats = 0;
  return callee.repeats >= kEnough || ++callee.repeats >= kEnough;
}

/// PyTorch's current stream of `device`; null for the host.
static void *streamOf(DLDevice device) {
  void *stream = nullptr;
  if (device.device_type != kDLCPU &&
      torch.api->current_work_stream(device.device_type, device.device_id,
                                     &stream))
    PyErr_Clear();
  return stream;
}

static PyObject *callTorch(const Callee &callee, Arguments &arguments) {
  constexpr size_t kInlined = 8;
  DLManagedTensor *inlined[kInlined];
  std::unique_ptr<DLManagedTensor *[]> heap;
  if (callee.numResults > kInlined)
    heap.reset(new DLManagedTensor *[callee.numResults]);
  DLManagedTensor **results = heap ? heap.get() : inlined;
  const StreamScope scope(arguments.device, streamOf(arguments.device));
  PyThreadState *state =
      isShort(callee, arguments) ? nullptr : PyEval_SaveThread();
  fuser_error *error =
      fuser_call(callee.function, arguments.values, callee.kinds.size(),
                 results, callee.numResults);
  if (state)
    PyEval_RestoreThread(state);
  if (error) {
    raise(error);
    return nullptr;
  }
  return callee.numResults == 1 ? toTorch(results[0])
                                : toTuple(results, callee.numResults);
}

static PyObject *callCaller(PyObject *self, PyObject *args, PyObject *kwargs) {
  const std::shared_ptr<Callee> &callee = callerOf(self)->callee;
  if (!kwargs && callee) {
    Arguments arguments;
    if (setArguments(arguments, *callee, args))
      return callTorch(*callee, arguments);
  }
  PyObject *method = PyObject_GetAttr(self, callName);
  if (!method)
    return nullptr;
  PyObject *result = PyObject_Call(method, args, kwargs);
  Py_DECREF(method);
  return result;
}

static PyObject *newCaller(PyTypeObject *type, PyObject *, PyObject *) {
  auto allocate =
      reinterpret_cast<allocfunc>(PyType_GetSlot(type, Py_tp_alloc));
  PyObject *self = allocate(type, 0);
  if (self)
    new (&callerOf(self)->callee) std::shared_ptr<Callee>();
  return self;
}

static void deleteCaller(PyObject *self) {
  callerOf(self)->callee.~shared_ptr();
  PyTypeObject *type = Py_TYPE(self);
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

/// _bind(reference): takes what the packed function query("reference")
/// gave.
static PyObject *bind(PyObject *self, PyObject *reference) {
  void *address = PyLong_AsVoidPtr(reference);
  if (!address) {
    if (!PyErr_Occurred())
      PyErr_SetString(PyExc_ValueError, "there is no such reference");
    return nullptr;
  }
  // A call of another thread may be using what it has.
  if (callerOf(self)->callee) {
    deleteReference(address);
    PyErr_SetString(PyExc_RuntimeError, "a function can't become another one");
    return nullptr;
  }
  callerOf(self)->callee = *static_cast<std::shared_ptr<Callee> *>(address);
  deleteReference(address);
  Py_RETURN_NONE;
}

static PyMethodDef callerMethods[] = {{"_bind", bind, METH_O, nullptr},
                                      {nullptr, nullptr, 0, nullptr}};

static PyType_Slot callerSlots[] = {
    {Py_tp_new, reinterpret_cast<void *>(newCaller)},
    {Py_tp_dealloc, reinterpret_cast<void *>(deleteCaller)},
    {Py_tp_call, reinterpret_cast<void *>(callCaller)},
    {Py_tp_methods, callerMethods},
    {0, nullptr}};

static PyType_Spec callerSpec = {"fuser._core.Caller", sizeof(Caller), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                                 callerSlots};

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

/// use_errors(class...): one for each fuser_code from the second on.
static PyObject *useErrors(PyObject *, PyObject *args) {
  constexpr Py_ssize_t kCount = FUSER_INTERNAL;
  if (PyTuple_Size(args) != kCount) {
    PyErr_SetString(PyExc_TypeError, "use_errors takes 5 classes");
    return nullptr;
  }
  for (Py_ssize_t i = 0; i < kCount; ++i)
    errorClasses[i + 1] = Py_NewRef(PyTuple_GetItem(args, i));
  Py_RETURN_NONE;
}

/// use_torch(Tensor, Parameter, exchange_api): from now on calls with tensors
/// of exactly these classes are made here. The classes live for ever.
static PyObject *useTorch(PyObject *, PyObject *args) {
  PyObject *tensor = nullptr, *parameter = nullptr, *capsule = nullptr;
  if (!PyArg_ParseTuple(args, "OOO", &tensor, &parameter, &capsule))
    return nullptr;
  const auto *api = static_cast<const DLPackExchangeAPI *>(
      PyCapsule_GetPointer(capsule, "dlpack_exchange_api"));
  if (!api)
    return nullptr;
  if (api->header.version.major != DLPACK_MAJOR_VERSION ||
      !api->dltensor_from_py_object_no_sync ||
      !api->managed_tensor_to_py_object_no_sync || !api->current_work_stream)
    Py_RETURN_FALSE;
  PyObject *isNeg = PyObject_GetAttrString(tensor, "is_neg");
  if (!isNeg)
    return nullptr;
  Py_INCREF(tensor);
  Py_INCREF(parameter);
  torch = {reinterpret_cast<PyTypeObject *>(tensor),
           reinterpret_cast<PyTypeObject *>(parameter), isNeg, api};
  Py_RETURN_TRUE;
}

static PyMethodDef moduleMethods[] = {
    {"use_errors", useErrors, METH_VARARGS, nullptr},
    {"use_torch", useTorch, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

static PyModuleDef moduleDefinition = {PyModuleDef_HEAD_INIT,
                                       "fuser._core",
                                       nullptr,
                                       -1,
                                       moduleMethods,
                                       nullptr,
                                       nullptr,
                                       nullptr,
                                       nullptr};

PyMODINIT_FUNC PyInit__core() {
  callName = PyUnicode_InternFromString("_call");
  PyObject *type = PyType_FromSpec(&callerSpec);
  PyObject *module = PyModule_Create(&moduleDefinition);
  if (!callName || !type || !module ||
      PyModule_AddObjectRef(module, "Caller", type))
    return nullptr;
  Py_DECREF(type);
  return module;
}
