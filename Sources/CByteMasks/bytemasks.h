#pragma once

#include <stdint.h>

typedef uint8_t paddler_bytes64 __attribute__((ext_vector_type(64), aligned(1)));
typedef _Bool paddler_bits64 __attribute__((ext_vector_type(64)));

/// Which of the 64 bytes from `bytes` on are `byte`: a bit for each, the lowest for the first. In C, since Swift has no
/// way yet to turn a vector's comparison into an integer, for which processors have an instruction.
static inline uint64_t paddler_mask_of_equal_bytes(const void *bytes, uint8_t byte) {
    union {
        paddler_bits64 bits;
        uint64_t word;
    } mask;
    mask.bits = __builtin_convertvector(*(const paddler_bytes64 *)bytes == (paddler_bytes64)byte, paddler_bits64);
    return mask.word;
}
