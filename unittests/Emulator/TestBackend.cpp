//===- TestBackend.cpp - kernels for the emulated device ------------------===//
//
// Part of fuser, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestBackend.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <array>
#include <map>
#include <mutex>
#include <utility>

using namespace fuser;
using namespace fuser::runtime;

//===----------------------------------------------------------------------===//
// Functions that remember something, as plain ones
//===----------------------------------------------------------------------===//

namespace {
using Body =
    std::function<void(int64_t, int64_t, int64_t, int64_t, const uint64_t *)>;
constexpr std::size_t kNumSlots = 64;
std::array<Body, kNumSlots> slots;
std::mutex slotsLock;

template <std::size_t I>
void enter(int64_t gridX, int64_t gridY, int64_t blockX, int64_t blockY,
           const uint64_t *parameters) {
  slots[I](gridX, gridY, blockX, blockY, parameters);
}

template <std::size_t... I>
constexpr std::array<emulator::Entry, kNumSlots>
makeEntries(std::index_sequence<I...>) {
  return {enter<I>...};
}
constexpr auto kEntries = makeEntries(std::make_index_sequence<kNumSlots>());

/// A slot that has `body` while this lives.
class Slot {
public:
  explicit Slot(Body body) {
    std::lock_guard<std::mutex> guard(slotsLock);
    while (number < kNumSlots && slots[number])
      ++number;
    EXPECT_LT(number, kNumSlots) << "more kernels than slots";
    slots[number] = std::move(body);
  }
  ~Slot() {
    std::lock_guard<std::mutex> guard(slotsLock);
    slots[number] = nullptr;
  }
  emulator::Entry entry() const { return kEntries[number]; }

private:
  std::size_t number = 0;
};

std::atomic<int64_t> numMisaligned{0}, numStores{0};
} // namespace

KernelReport fuser::runtime::takeReport() {
  return {numMisaligned.exchange(0), numStores.exchange(0)};
}

//===----------------------------------------------------------------------===//
// One kernel
//===----------------------------------------------------------------------===//

namespace {

union Element {
  float f;
  double d;
  int64_t i;
};

/// An operand as the parameters describe it.
struct Operand {
  uint64_t place;
  DType dtype;
  bool isScalar, isIndex, isContiguous;
  Dims strides;
};

class TestLoop {
public:
  TestLoop(const KernelSpec &spec, const ArgSpec &argSpec, int32_t loop,
           int32_t lanes, bool inMemory)
      : spec(spec.shared_from_this()), argSpec(argSpec), loop(loop),
        lanes(lanes), inMemory(inMemory) {}

  DeviceFunction describe() const;
  int32_t numParameters() const;
  void operator()(int64_t gridX, int64_t gridY, int64_t blockX, int64_t blockY,
                  const uint64_t *parameters) const;

private:
  struct Call;
  DType typeOf(const ArgSpec::Nest &nest, std::size_t operand) const {
    const std::size_t leaves = nest.leaves.size();
    if (operand >= leaves)
      return spec->pieces[nest.pieces[operand - leaves]].dtype;
    return spec->valueType(nest.leaves[operand]);
  }
  bool isScalar(const ArgSpec::Nest &nest, std::size_t operand) const {
    if (operand >= nest.leaves.size())
      return false;
    const int32_t input = spec->leaves[nest.leaves[operand]].input;
    return input >= 0 && spec->inputs[input].isScalar;
  }

  std::shared_ptr<const KernelSpec> spec;
  ArgSpec argSpec;
  int32_t loop, lanes;
  bool inMemory;
};

/// The parameters, read.
struct TestLoop::Call {
  Call(const TestLoop &loop, const uint64_t *words);
  void element(std::size_t nest, int64_t row, int64_t column) const;
  void vector(std::size_t nest, int64_t row, int64_t column) const;
  int64_t offsetOf(const Operand &operand, int64_t row, int64_t column) const;

  const TestLoop &loop;
  int64_t begin, end;
  Dims outer;
  std::vector<const ArgSpec::Nest *> nests;
  std::vector<int64_t> innerSizes;
  std::vector<std::vector<Operand>> operands;
  uint8_t *flag = nullptr;
};

} // namespace

DeviceFunction TestLoop::describe() const {
  DeviceFunction result;
  result.name = absl::StrCat("loop_", loop);
  result.lanes = lanes;
  result.parametersInMemory = inMemory;
  for (const ArgSpec::Nest &nest : argSpec.nests())
    if (nest.loop == loop)
      for (std::size_t i = 0; i < nest.inner.size(); ++i)
        result.isScalar.push_back(isScalar(nest, i));
  if (spec->raises)
    result.isScalar.push_back(false);
  return result;
}

int32_t TestLoop::numParameters() const {
  if (inMemory)
    return 1;
  int32_t count = 2 + spec->raises;
  bool isFirst = true;
  for (const ArgSpec::Nest &nest : argSpec.nests()) {
    if (nest.loop != loop)
      continue;
    count += std::exchange(isFirst, false) ? nest.rank - 1 : 0;
    ++count; // the inner size
    for (StrideClass inner : nest.inner)
      count += 1 + nest.rank - 1 + (inner == StrideClass::Strided);
  }
  return count;
}

TestLoop::Call::Call(const TestLoop &loop, const uint64_t *words)
    : loop(loop), begin(words[0]), end(words[1]) {
  words += 2;
  for (const ArgSpec::Nest &nest : loop.argSpec.nests()) {
    if (nest.loop != loop.loop)
      continue;
    nests.push_back(&nest);
    operands.emplace_back();
    for (std::size_t i = 0; i < nest.inner.size(); ++i) {
      const bool isIndex = i < nest.leaves.size() && nest.isIndex[i];
      operands.back().push_back({*words++,
                                 loop.typeOf(nest, i),
                                 loop.isScalar(nest, i),
                                 isIndex,
                                 nest.inner[i] == StrideClass::Contiguous,
                                 {}});
    }
  }
  if (loop.spec->raises)
    flag = reinterpret_cast<uint8_t *>(*words++);
  const int32_t rank = nests[0]->rank;
  for (int32_t dim = 0; dim + 1 < rank; ++dim)
    outer.push_back(static_cast<int64_t>(*words++));
  for (std::size_t n = 0; n < nests.size(); ++n) {
    innerSizes.push_back(static_cast<int64_t>(*words++));
    for (std::size_t i = 0; i < operands[n].size(); ++i) {
      const StrideClass inner = nests[n]->inner[i];
      const bool isTransposed = inner == StrideClass::Transposed;
      Dims &strides = operands[n][i].strides;
      for (int32_t dim = 0; dim + 1 < rank - isTransposed; ++dim)
        strides.push_back(static_cast<int64_t>(*words++));
      if (isTransposed)
        strides.push_back(1);
      const bool isKnown =
          inner == StrideClass::Broadcast || inner == StrideClass::Contiguous;
      strides.push_back(isKnown ? static_cast<int64_t>(inner)
                                : static_cast<int64_t>(*words++));
    }
  }
}

int64_t TestLoop::Call::offsetOf(const Operand &operand, int64_t row,
                                 int64_t column) const {
  int64_t offset = column * operand.strides.back();
  for (std::size_t dim = outer.size(); dim-- > 0;) {
    offset += row % outer[dim] * operand.strides[dim];
    row /= outer[dim];
  }
  return offset;
}

static Element load(const Operand &operand, int64_t offset) {
  Element element;
  element.i = 0;
  if (operand.isScalar)
    element.i = static_cast<int64_t>(operand.place);
  else if (operand.isIndex)
    element.i = static_cast<int64_t>(operand.place) + offset;
  else
    std::memcpy(&element,
                reinterpret_cast<const char *>(operand.place) +
                    offset * dtypeSize(operand.dtype),
                dtypeSize(operand.dtype));
  return element;
}

template <class T> static T apply(Opcode opcode, T a, T b, uint8_t *flag) {
  switch (opcode) {
  case Opcode::add:
    return a + b;
  case Opcode::sub:
    return a - b;
  case Opcode::mul:
    return a * b;
  case Opcode::neg:
    return -a;
  case Opcode::div_trunc:
    if (b == 0 && flag)
      *flag = 1;
    return b == 0 ? T(0) : T(a / b);
  default:
    ADD_FAILURE() << "an op that the test's kernels do not know";
    return a;
  }
}

static Element compute(const Instruction &code, Element a, Element b,
                       uint8_t *flag) {
  Element result;
  result.i = 0;
  switch (code.resultType) {
  case DType::f32:
    result.f = apply(code.opcode, a.f, b.f, flag);
    break;
  case DType::f64:
    result.d = apply(code.opcode, a.d, b.d, flag);
    break;
  default:
    EXPECT_EQ(code.resultType, DType::i64);
    result.i = apply(code.opcode, a.i, b.i, flag);
  }
  return result;
}

void TestLoop::Call::element(std::size_t n, int64_t row, int64_t column) const {
  const KernelSpec &spec = *loop.spec;
  std::map<ValueId, Element> values;
  const std::size_t numLeaves = nests[n]->leaves.size();
  for (std::size_t i = 0; i < numLeaves; ++i)
    values[nests[n]->leaves[i]] =
        load(operands[n][i], offsetOf(operands[n][i], row, column));
  for (std::size_t i = 0; i < spec.constants.size(); ++i)
    std::memcpy(&values[spec.firstConstant() + static_cast<ValueId>(i)],
                &spec.constants[i].bits, 8);
  for (std::size_t i = 0; i < nests[n]->pieces.size(); ++i) {
    const Piece &piece = spec.pieces[nests[n]->pieces[i]];
    for (int32_t number : piece.instructions) {
      const Instruction &code = spec.instructions[number];
      const Element none{};
      values[spec.firstResult() + number] =
          compute(code, values[code.operands[0]],
                  code.operands[1] < 0 ? none : values[code.operands[1]], flag);
    }
    const Operand &to = operands[n][numLeaves + i];
    std::memcpy(reinterpret_cast<char *>(to.place) +
                    offsetOf(to, row, column) * dtypeSize(to.dtype),
                &values[piece.value], dtypeSize(to.dtype));
    ++numStores;
  }
}

void TestLoop::Call::vector(std::size_t n, int64_t row, int64_t column) const {
  const int64_t size = innerSizes[n];
  if (loop.argSpec.isVectorAligned()[loop.loop] && column + loop.lanes <= size)
    for (const Operand &operand : operands[n])
      if (operand.isContiguous && !operand.isIndex && !operand.isScalar) {
        const int64_t width = dtypeSize(operand.dtype);
        const uint64_t at =
            operand.place + offsetOf(operand, row, column) * width;
        numMisaligned += at % (loop.lanes * width) != 0;
      }
  for (int64_t i = column; i < std::min(column + loop.lanes, size); ++i)
    element(n, row, i);
}

void TestLoop::operator()(int64_t gridX, int64_t gridY, int64_t blockX,
                          int64_t blockY, const uint64_t *parameters) const {
  const Call call(*this, inMemory
                             ? reinterpret_cast<const uint64_t *>(parameters[0])
                             : parameters);
  const int64_t X = gridX * blockX, Y = gridY * blockY;
  const bool hasRows = call.nests[0]->rank > 1;
  for (int64_t y = 0; y < Y; ++y)
    for (int64_t x = 0; x < X; ++x)
      for (std::size_t n = 0; n < call.nests.size(); ++n) {
        if (!hasRows) {
          EXPECT_EQ(call.end, call.innerSizes[n]);
          for (int64_t j = call.begin + x * lanes; j < call.end; j += X * lanes)
            call.vector(n, 0, j);
          continue;
        }
        for (int64_t row = call.begin + y; row < call.end; row += Y)
          for (int64_t j = x * lanes; j < call.innerSizes[n]; j += X * lanes)
            call.vector(n, row, j);
      }
}

//===----------------------------------------------------------------------===//
// Images and the backend
//===----------------------------------------------------------------------===//

namespace {
/// What an image, "image 7", stands for.
struct TestImage {
  std::map<std::string, std::pair<std::unique_ptr<Slot>, int32_t>> functions;
};
std::map<int, std::shared_ptr<TestImage>> images;
std::mutex imagesLock;
} // namespace

static absl::StatusOr<emulator::Image> loadImage(std::string_view text) {
  const std::string name(text);
  int number = -1;
  std::shared_ptr<TestImage> image;
  {
    std::lock_guard<std::mutex> guard(imagesLock);
    if (name.substr(0, 6) == "image " &&
        absl::SimpleAtoi(name.substr(6), &number) && images.count(number)) {
      image = images[number];
      images.erase(number);
    }
  }
  if (!image)
    return absl::InvalidArgumentError(
        absl::StrCat("'", name, "' is no image of the tests"));
  emulator::Image result;
  result.owner = image;
  result.find =
      [image = image.get()](
          const std::string &function) -> std::optional<emulator::Function> {
    const auto found = image->functions.find(function);
    if (found == image->functions.end())
      return std::nullopt;
    return emulator::Function{found->second.first->entry(),
                              found->second.second};
  };
  return result;
}

FusedKernelConstructor
TestBackend::constructor(std::shared_ptr<CudaRuntime> runtime) {
  return [this,
          runtime](const KernelSpec &spec, const ArgSpec &argSpec, int64_t,
                   Device device,
                   Tier tier) -> absl::StatusOr<std::shared_ptr<FusedKernel>> {
    static std::atomic<int> numImages{0};
    ++calls;
    lastTier = tier;
    if (!result.ok())
      return result;
    auto image = std::make_shared<TestImage>();
    std::vector<DeviceFunction> functions;
    for (std::size_t i = 0; i < argSpec.inPlace().size(); ++i) {
      const TestLoop loop(spec, argSpec, static_cast<int32_t>(i), lanes,
                          parametersInMemory);
      functions.push_back(loop.describe());
      image->functions[functions.back().name] = {std::make_unique<Slot>(loop),
                                                 loop.numParameters()};
    }
    const int number = ++numImages;
    {
      std::lock_guard<std::mutex> guard(imagesLock);
      images[number] = std::move(image);
    }
    return FusedKernelCUDA::load(runtime, device,
                                 absl::StrCat("image ", number),
                                 std::move(functions), [] { return "test"; });
  };
}

//===----------------------------------------------------------------------===//
// The fixture
//===----------------------------------------------------------------------===//

void EmulatedTest::start(const emulator::Options &options) {
  runtime.reset();
  emulator::reset(options);
  emulator::setImageLoader(loadImage);
  takeReport();
  auto made = CudaRuntime::create(emulator::driver());
  ASSERT_TRUE(made.ok()) << made.status();
  runtime = *made;
}

void EmulatedTest::TearDown() {
  {
    std::lock_guard<std::mutex> guard(imagesLock);
    images.clear();
  }
  emulator::clearFaults();
  for (auto [index, stream] : streams) {
    runtime->forgetStream({DeviceType::CUDA, index}, stream);
    CudaRuntime::Binding binding(*runtime, {DeviceType::CUDA, index});
    EXPECT_EQ(emulator::driver().cuStreamDestroy(stream), 0);
  }
  streams.clear();
  std::weak_ptr<CudaRuntime> watch = runtime;
  runtime.reset();
  EXPECT_TRUE(watch.expired());
  const emulator::Live live = emulator::live();
  EXPECT_EQ(live.blocks, 0);
  EXPECT_EQ(live.modules, 0);
  EXPECT_EQ(live.events, 0);
  EXPECT_EQ(live.contexts, 0);
  EXPECT_EQ(emulator::numPending(), 0);
  EXPECT_EQ(emulator::complaints(), std::vector<std::string>());
  EXPECT_EQ(takeReport().misaligned, 0);
}

std::unique_ptr<Session> EmulatedTest::newSession(TierPolicy tiers) {
  SessionOptions options;
  options.threads = 1;
  options.tiers = tiers;
  options.cuda = runtime;
  auto session = std::make_unique<Session>(options);
  session->registerFusionBackend(DeviceType::CUDA,
                                 backend.constructor(runtime));
  return session;
}

Tensor EmulatedTest::newOnDevice(DType dtype, Dims sizes, int64_t offset) {
  const int64_t bytes = *denseBytes(dtype, sizes) + offset;
  auto allocator = *runtime->allocator(device, currentStream(device));
  auto owner = std::make_shared<Tensor>(
      *Tensor::allocateStrided(DType::i8, {bytes}, {1}, bytes, *allocator));
  void *data = owner->dataAs<char>() + offset;
  return Tensor::borrow(data, dtype, sizes, rowMajorStrides(sizes),
                        std::move(owner), device);
}

Tensor EmulatedTest::toDevice(const Tensor &host, int index) {
  const Device target{DeviceType::CUDA, index};
  int64_t last = 0;
  for (int64_t dim = 0; dim < host.rank(); ++dim)
    last += (host.sizes()[dim] - 1) * host.strides()[dim];
  const int64_t bytes =
      host.numElements() == 0 ? 0 : (last + 1) * dtypeSize(host.dtype());
  auto allocator = *runtime->allocator(target, currentStream(target));
  const Tensor tensor = *Tensor::allocateStrided(
      host.dtype(), host.sizes(), host.strides(), bytes, *allocator, target);
  if (bytes > 0) {
    const absl::Status status = runtime->copyToDevice(
        target, currentStream(target), tensor.data(), host.data(), bytes);
    EXPECT_TRUE(status.ok()) << status;
  }
  return tensor;
}

Tensor EmulatedTest::toHost(const Tensor &tensor) {
  const Device home = tensor.device();
  const Stream stream = currentStream(home);
  int64_t last = 0;
  for (int64_t dim = 0; dim < tensor.rank(); ++dim)
    last += (tensor.sizes()[dim] - 1) * tensor.strides()[dim];
  const int64_t bytes =
      tensor.numElements() == 0 ? 0 : (last + 1) * dtypeSize(tensor.dtype());
  Tensor host = *Tensor::allocateStrided(
      tensor.dtype(), tensor.sizes(), tensor.strides(), bytes, testAllocator());
  if (bytes > 0) {
    absl::Status status =
        runtime->copyToHost(home, stream, host.data(), tensor.data(), bytes);
    if (status.ok())
      status = runtime->synchronize(home, stream);
    EXPECT_TRUE(status.ok()) << status;
  }
  return host;
}

CudaStream EmulatedTest::newStream(unsigned flags, int index) {
  CudaRuntime::Binding binding(*runtime, {DeviceType::CUDA, index});
  CudaStream stream = nullptr;
  EXPECT_EQ(emulator::driver().cuStreamCreate(&stream, flags), 0);
  streams.emplace_back(index, stream);
  return stream;
}
