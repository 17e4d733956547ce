# Expected values of test/cases/heterogeneity.json: Cochran's Q, Paule and Mandel's tau^2 and the best linear predictions
# from metafor, to whose variance the term for the uncertainty of tau^2 (Kass and Steffey 1989) is added by a numerical
# derivative of the prediction. Run in the repository root:
#   Rscript test/cases/heterogeneity.R > test/cases/heterogeneity.json
suppressMessages(library(metafor))
json <- function(x) {
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ",\n"), "]"))
    return(paste0("{", paste0('"', names(x), '": ', parts, collapse = ", "), "}"))
  }
  if (is.character(x)) return(paste0('"', x, '"'))
  text <- ifelse(is.infinite(x), "null", sprintf("%.17g", x))
  if (length(x) == 1 && !inherits(x, "AsIs")) return(text)
  paste0("[", paste(text, collapse = ", "), "]")
}
pooled <- list()
pool_case <- function(name, y, se) {
  v <- se^2
  fit <- rma(y, v, method = "PM", control = list(tol = 1e-15, maxiter = 1000, tau2.max = 1e6 * max(v, y^2)))
  tau2 <- fit$tau2
  # The root once more, to full precision.
  excess <- function(t) { w <- 1 / (v + t); m <- sum(w * y) / sum(w); sum(w * (y - m)^2) - (length(y) - 1) }
  if (tau2 > 0) tau2 <- uniroot(excess, tau2 * c(0.9, 1.1), tol = 1e-18 * tau2, maxiter = 5000, extendInt = "downX")$root
  stopifnot(abs(tau2 - fit$tau2) <= 1e-6 * max(tau2, min(v)))
  fit <- rma(y, v, tau2 = tau2)
  best <- blup(fit)
  predicted <- function(t) { lambda <- t / (v + t); lambda * y + (1 - lambda) * fit$b[1] }
  step <- min(v) * 1e-3
  # Richardson's extrapolation of a one-sided or central difference, of a rational function.
  slope <- function(h) (predicted(tau2 + h) - predicted(tau2 - h)) / (2 * h)
  derivative <- (64 * slope(step / 4) - 20 * slope(step / 2) + slope(step)) / 45
  exact <- v * (y - fit$b[1]) / (v + tau2)^2
  stopifnot(max(abs(derivative - exact)) <= 1e-6 * max(abs(exact)))
  extra <- exact^2 * 2 / sum((v + tau2)^-2)
  fixed <- rma(y, v, method = "FE")
  pooled[[length(pooled) + 1]] <<- list(name = name, estimates = I(y), standardErrors = I(se), statistic = fixed$QE, df = length(y) - 1,
    p = fixed$QEp, spread = tau2, common = fit$b[1], shrunken = I(best$pred), shrunkenErrors = I(sqrt(best$se^2 + extra)), shrinkage = I(v / (v + tau2)))
}
pool_case("two segments apart", c(0.08, -0.02), c(0.02, 0.03))
pool_case("two segments alike", c(0.031, 0.029), c(0.02, 0.03))
pool_case("power and casual users", c(0.12, -0.07, 0.03), c(0.011, 0.014, 0.02))
pool_case("noise only", c(0.02, 0.03, 0.025, 0.028), c(0.02, 0.01, 0.015, 0.03))
pool_case("large and equal", c(1e6 + 3, 1e6 - 4, 1e6 + 9, 1e6), c(2, 2, 2, 2))
pool_case("one small segment", c(2.1, 1.8, 9.5, 2.4, 1.2), c(0.4, 0.5, 4.1, 0.3, 0.6))
# Eight schools (Rubin 1981): tau^2 is estimated at 0.
pool_case("eight schools", c(28, 8, -3, 7, -1, 1, 18, 12), c(15, 10, 16, 11, 9, 11, 10, 18))
set.seed(20261002)
for (k in c(3, 5, 12, 40)) for (tau in c(0, 0.5, 3)) {
  se <- round(exp(rnorm(k, 0, 0.6)), 3)
  pool_case(sprintf("%d segments, tau %g", k, tau), round(rnorm(k, 1, sqrt(se^2 + tau^2)), 4), se)
}
set.seed(20261003)
interactions <- list()
for (i in 1:12) {
  # Welch-Satterthwaite over four arms: the contrast (t1 - c1) - (t2 - c2) of group means.
  n <- sample(5:60, 4); groups <- lapply(1:4, function(g) round(rnorm(n[g], 10 + g * (i %% 3), g), 2))
  v <- sapply(groups, function(u) var(u) / length(u)); m <- sapply(groups, mean)
  pair <- function(a, b) { t <- t.test(groups[[a]], groups[[b]]); list(estimate = m[a] - m[b], standardError = t$stderr, df = unname(t$parameter), n = n[a] + n[b]) }
  se <- sqrt(sum(v)); df <- sum(v)^2 / sum(v^2 / (n - 1)); d <- m[1] - m[2] - m[3] + m[4]
  interactions[[i]] <- list(segment = pair(1, 2), rest = pair(3, 4), estimate = d, standardError = se, df = df, p = 2 * pt(-abs(d / se), df))
}
cat(json(list(command = "Rscript test/cases/heterogeneity.R", version = paste0(R.version.string, ", metafor ", packageVersion("metafor")), pooled = pooled, interactions = interactions)), "\n")
