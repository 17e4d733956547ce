# Expected values of test/cases/foundations.json, from R's own functions and root search. Run in the repository root:
#   Rscript test/cases/foundations.R > test/cases/foundations.json
options(warn = -1)
source("test/cases/json.R")

# Tails where R's own are accurate.
tails <- list()
tail_case <- function(distribution, at, parameters, p, log)
  tails[[length(tails) + 1]] <<- list(distribution = distribution, at = at, parameters = row(parameters), p = p, log = log)
for (z in c(-7, -0.4, 0.9, 4, 11, 30, 37, 200, 1e3, 1e4))
  tail_case("normal", z, numeric(0), pnorm(z, lower.tail = FALSE), pnorm(z, lower.tail = FALSE, log.p = TRUE))
for (df in c(1, 3, 8.25, 40, 900)) for (t in c(-1.2, 0.6, 2.2, 5, 22, 400))
  tail_case("t", t, df, pt(t, df, lower.tail = FALSE), pt(t, df, lower.tail = FALSE, log.p = TRUE))
for (df in c(1, 2, 5, 11, 99)) for (x in c(0.3, 4.1, 55, 610, 1400, 1e6))
  tail_case("chi-square", x, df, pchisq(x, df, lower.tail = FALSE), pchisq(x, df, lower.tail = FALSE, log.p = TRUE))
for (d in list(c(1, 8), c(2, 200), c(6, 14.5), c(30, 70))) for (f in c(0.2, 1.1, 3, 60))
  tail_case("F", f, d, pf(f, d[1], d[2], lower.tail = FALSE), pf(f, d[1], d[2], lower.tail = FALSE, log.p = TRUE))
for (s in list(c(1, 1), c(0.7, 3), c(12, 12), c(50, 950))) for (x in c(0.02, 0.3, 0.5, 0.8))
  tail_case("beta", x, s, pbeta(x, s[1], s[2], lower.tail = FALSE), pbeta(x, s[1], s[2], lower.tail = FALSE, log.p = TRUE))

# Two proportions: prop.test's chi-square is the square of the pooled z; its interval for one sample is Wilson's.
wilson <- function(x, n, level) { w <- as.numeric(prop.test(x, n, conf.level = level, correct = FALSE)$conf.int); if (x == 0) w[1] <- 0; if (x == n) w[2] <- 1; w }
count <- function(k) list(successes = k[1], trials = k[2])
pooled <- list(); newcombes <- list(); scores <- list()
for (k in list(c(730, 1000, 680, 1000), c(50, 400, 80, 500), c(12, 90, 30, 110), c(4321, 9999, 4200, 10001), c(205, 2000, 150, 2000),
               c(61234, 120000, 60211, 119800), c(15, 40, 3, 44), c(999, 1000, 970, 1000), c(150, 5000, 90, 700), c(51000, 1e6, 40000, 1e6))) {
  test <- prop.test(c(k[1], k[3]), c(k[2], k[4]), correct = FALSE)
  a <- k[1] / k[2]; b <- k[3] / k[4]
  z <- sign(a - b) * sqrt(unname(test$statistic))
  pooled[[length(pooled) + 1]] <- list(treatment = count(k[1:2]), control = count(k[3:4]), estimate = a - b, statistic = z, logP = log(2) + pnorm(-abs(z), log.p = TRUE), interval = row(as.numeric(test$conf.int)))
}
solve_for <- function(f, from, to) uniroot(f, c(from, to), tol = 1e-16 * max(abs(from), abs(to)), maxiter = 5000)$root
for (k in list(c(56, 70, 48, 80), c(9, 10, 3, 10), c(10, 20, 2, 20), c(0, 30, 4, 31), c(7, 500, 1, 480), c(3, 9, 8, 8), c(1, 9000, 6, 8000), c(29, 30, 25, 29), c(5, 56, 1, 29)))
  for (level in c(0.9, 0.95, 0.999)) {
    a <- k[1] / k[2]; b <- k[3] / k[4]; A <- wilson(k[1], k[2], level); B <- wilson(k[3], k[4], level)
    low <- function(r) a - r * b - sqrt((a - A[1])^2 + r^2 * (B[2] - b)^2)
    high <- function(r) a - r * b + sqrt((A[2] - a)^2 + r^2 * (b - B[1])^2)
    stopifnot(abs(low(1) - (a - b - sqrt((a - A[1])^2 + (B[2] - b)^2))) < 1e-15)
    newcombes[[length(newcombes) + 1]] <- list(treatment = count(k[1:2]), control = count(k[3:4]), level = level, interval = row(c(low(1), high(1))),
      relative = row(c(if (a == 0) 0 else solve_for(low, 0, a / b + 1e-9), solve_for(high, a / b, 1e4)) - 1))
    scores[[length(scores) + 1]] <- list(successes = k[3], trials = k[4], level = level, interval = row(B))
  }

# Relative effects. Fieller: where |t - (1 + r) c| leaves k of its standard errors, found by scanning r on a sinh scale and
# root search; more than 0 and 2 crossings do not happen. Delta: gradient by symbolic differentiation. Log: closed form.
relatives <- list()
relative_case <- function(t, vt, c, vc, k) {
  beyond <- function(r) { s <- (1 + r) * c; abs(t - s) - k * sqrt(vt + (1 + r)^2 * vc) }
  grid <- sinh(seq(-30, 30, length.out = 200001))
  change <- which(diff(sign(beyond(grid))) != 0)
  # The estimate itself is never beyond, so a narrow interval cannot fall between grid points.
  around <- t / c - 1; half <- NULL
  roots <- vapply(change, function(i) solve_for(beyond, grid[i], grid[i + 1]), 0)
  if (length(roots) != 2 && k * sqrt(vc) < abs(c)) {
    width <- 4 * k * sqrt(vt + (t / c)^2 * vc) / abs(c)
    roots <- c(solve_for(beyond, around - width, around), solve_for(beyond, around, around + width))
  }
  shape <- if (length(roots) == 0) "everything" else if (beyond(mean(roots)) < 0) "between" else "outside"
  stopifnot(length(roots) %in% c(0, 2), (shape == "between") == (k * sqrt(vc) < abs(c)))
  if (c < 0) roots <- -rev(roots)
  q <- if (c > 0) quote(t / c - 1) else quote(1 - t / c)
  gt <- eval(D(q, "t")); gc <- eval(D(q, "c"))
  ends <- if (t > 0 && c > 0) exp(log(t / c) + c(-1, 1) * k * sqrt(vt / t^2 + vc / c^2)) - 1 else numeric(0)
  relatives[[length(relatives) + 1]] <<- list(treatment = list(value = t, variance = vt, n = 1000), control = list(value = c, variance = vc, n = 900), multiplier = k,
    estimate = (t - c) / abs(c), standardError = sqrt(gt^2 * vt + gc^2 * vc), shape = shape, roots = row(roots), log = row(ends),
    apart = as.numeric(abs(t - c) > k * sqrt(vt + vc)))
}
for (k in c(1.644853626951472, 1.959963984540054, 3.290526731491895, 8)) {
  relative_case(11.1, 0.02, 8.4, 0.015, k); relative_case(0.241, 1e-6, 0.182, 2e-6, k); relative_case(5, 0.3, 9, 0.7, k)
  relative_case(0, 0.01, 2, 0.05, k); relative_case(-3, 0.2, 4, 0.3, k); relative_case(3, 0.2, -4, 0.3, k); relative_case(-5, 0.1, -4.2, 0.02, k)
  relative_case(10, 0.04, 0.5, 0.09, k); relative_case(0.4, 0.09, 0.5, 0.09, k); relative_case(2, 1, 1.5, 0.36, k); relative_case(6, 0, 5, 0.25, k)
  relative_case(6, 0.25, 5, 0, k); relative_case(0.0312, 4e-6, 0.0298, 3.8e-6, k); relative_case(-10, 0.04, 0.5, 0.09, k); relative_case(10, 0.04, -0.5, 0.09, k)
}
cat(json(list(command = "Rscript test/cases/foundations.R", version = R.version.string, tails = tails, pooled = pooled, scores = scores, newcombes = newcombes, relatives = relatives)), "\n")
