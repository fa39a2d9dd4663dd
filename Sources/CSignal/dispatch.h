// How kernels are compiled twice on x86-64: a BODY is inlined into a function for any processor and into a WIDE one, named _avx2, for
// those that have AVX2 and BMI2; DISPATCH calls the one that the processor has.
#define BODY static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2,bmi,bmi2,lzcnt"))) static
#define HAS_WIDE (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
#define DISPATCH(name, ...) (HAS_WIDE ? name##_avx2(__VA_ARGS__) : name(__VA_ARGS__))
#else
#define DISPATCH(name, ...) name(__VA_ARGS__)
#endif
