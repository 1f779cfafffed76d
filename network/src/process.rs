//! Settings of the whole process that candle's ways call for. They are unsafe, since nothing keeps other threads of
//! the process from reading meanwhile what they change.
#![expect(unsafe_code, reason = "the environment and the C library's allocator belong to the whole process")]

/// Keeps candle's elementwise operations on one thread.
///
/// candle 0.11 spreads them over a pool of its own whose threads wait in busy loops: with two cores,
/// of which another program or the engine uses one, that made an optimisation four times slower. The
/// engine's threads are not affected.
///
/// # Safety
/// No other thread exists yet: it is the first call in `main`.
pub unsafe fn keep_candle_on_one_thread() {
    // SAFETY: the caller vouches that there is nobody who could read the environment meanwhile.
    unsafe { std::env::set_var("CANDLE_NUM_THREADS", "1") };
}

/// Lets glibc keep memory that tensors have left, for the next ones. It does nothing with other C libraries.
///
/// Every step of an optimisation frees some hundred tensors of a few megabytes. By default they go
/// back to the system at once, and come from it again page by page, each one cleared: a fifth of the
/// time of an optimisation. What is larger than 32 MiB still goes back.
///
/// # Safety
/// No other thread exists yet: it is among the first calls in `main`.
pub unsafe fn keep_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn mallopt(parameter: i32, value: i32) -> i32;
        }
        /// `M_TRIM_THRESHOLD`, `M_MMAP_THRESHOLD` and `M_ARENA_MAX` of `malloc.h`.
        const SETTINGS: [(i32, i32); 3] = [(-1, 512 << 20), (-3, 32 << 20), (-8, 1)];
        for (parameter, value) in SETTINGS {
            // SAFETY: glibc's function, with two numbers, as its manual describes it; the manual calls it unsafe
            // beside other threads that allocate, and the caller vouches that there are none.
            unsafe { mallopt(parameter, value) };
        }
    }
}
